// Texts live in i18n/*.json, one file per language with the same keys; a test compares them.

const languages = ["en", "pt-BR"];
let texts = {};
let fallback = {};
export let language = "en";

// load picks the stored choice, else the browser's first known language, else English.
export async function load(choice) {
  const wanted = choice ?? localStorage.getItem("fiapx.language") ?? pick(navigator.languages ?? []);
  language = languages.includes(wanted) ? wanted : "en";
  if (choice) localStorage.setItem("fiapx.language", language);
  fallback = await fetchTexts("en");
  texts = language === "en" ? fallback : await fetchTexts(language);
  document.documentElement.lang = language;
}

function pick(preferred) {
  for (const tag of preferred) {
    if (tag.toLowerCase().startsWith("pt")) return "pt-BR";
    if (tag.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

async function fetchTexts(name) {
  const answer = await fetch(`/assets/i18n/${name}.json`);
  if (!answer.ok) throw new Error(`no texts for ${name}`);
  return answer.json();
}

// t gives the text of key with {names} filled in.
export function t(key, values = {}) {
  const text = texts[key] ?? fallback[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const has = (key) => key in texts;

// translatePage fills the fixed parts of the page.
export function translatePage(root = document) {
  for (const node of root.querySelectorAll("[data-i18n]")) node.textContent = t(node.dataset.i18n);
  for (const node of root.querySelectorAll("[data-i18n-label]")) node.setAttribute("aria-label", t(node.dataset.i18nLabel));
}

export const number = (value, digits = 0) =>
  new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);

export const when = (iso) =>
  iso ? new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso)) : "";

// clock writes seconds as people read them: 8 s, 2:05, 1:02:05.
export function clock(seconds) {
  if (seconds < 60) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, i) => (i ? String(part).padStart(2, "0") : part)).join(":");
}

export const size = (megabytes) => (megabytes >= 1024 ? `${number(megabytes / 1024, 2)} GB` : megabytes >= 1 ? `${number(megabytes, 1)} MB` : `${number(megabytes * 1024, 0)} KB`);
