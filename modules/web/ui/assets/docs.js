// Draws the API reference from /openapi.json: operations by tag, with parameters, bodies, answers and their schemas.

import { h, byId } from "./dom.js";

const verbs = ["get", "post", "put", "patch", "delete"];
let spec = {};

const resolve = (node) => (node?.$ref ? resolve(node.$ref.slice(2).split("/").reduce((at, key) => at?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], spec)) : node ?? {});

function operations() {
  return Object.entries(spec.paths).flatMap(([path, item]) => verbs.filter((verb) => item[verb]).map((verb) => ({
    path, verb, ...item[verb], parameters: [...(item.parameters ?? []), ...(item[verb].parameters ?? [])].map(resolve),
    anchor: `${verb}${path.replace(/[^a-z0-9]+/gi, "-")}`, tag: item[verb].tags?.[0] ?? "other",
  })));
}

function typeOf(schema) {
  const s = resolve(schema);
  if (s.enum) return s.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (s.type === "array") return `${typeOf(s.items)}[]`;
  const name = schema?.$ref ? schema.$ref.split("/").pop() : s.format ? `${s.type} (${s.format})` : s.type ?? "any";
  return s.nullable ? `${name}, or null` : name;
}

function limits(s) {
  const known = { minimum: "≥ ", exclusiveMinimum: "> ", maximum: "≤ ", minLength: "min length ", maxLength: "max length ", pattern: "pattern ", default: "default " };
  return Object.entries(known).filter(([key]) => s[key] !== undefined && typeof s[key] !== "boolean").map(([key, text]) => `${text}${s[key]}`).join(", ");
}

function row(name, required, schema, description) {
  const s = resolve(schema);
  return h("tr", {}, h("td", {}, h("code", {}, name), required ? h("small", {}, " required") : ""), h("td", {}, typeOf(schema), limits(s) ? h("div", { class: "soft" }, limits(s)) : ""),
    h("td", {}, description ?? s.description ?? ""));
}

const head = (...names) => h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name))));

function merged(schema) {
  const s = resolve(schema);
  const parts = (s.allOf ?? []).map(merged);
  return { ...s, properties: Object.assign({}, ...parts.map((part) => part.properties), s.properties), required: [...parts.flatMap((part) => part.required ?? []), ...(s.required ?? [])] };
}

// schemaTable lists an object's properties and, indented, those of the objects inside it.
function schemaTable(schema, depth = 0) {
  const outer = merged(schema);
  const s = outer.type === "array" ? merged(outer.items) : outer;
  const names = Object.entries(s.properties ?? {});
  if (!names.length || depth > 4) return h("p", {}, h("code", {}, typeOf(schema)));
  const nested = names.filter(([, inner]) => Object.keys(merged(resolve(inner).items ?? inner).properties).length);
  return h("div", { class: "schema" }, h("table", {}, head("Field", "Type", "Meaning"), h("tbody", {}, names.map(([name, inner]) => row(name, s.required?.includes(name), inner)))),
    nested.map(([name, inner]) => h("details", { open: depth === 0 }, h("summary", {}, h("code", {}, name)), schemaTable(inner, depth + 1))));
}

function content(body) {
  return Object.entries(body.content ?? {}).map(([type, media]) => h("div", {}, h("p", {}, h("code", {}, type)), media.schema ? schemaTable(media.schema) : ""));
}

function card(op) {
  return h("details", { class: "card operation", id: op.anchor },
    h("summary", {}, h("span", { class: `verb ${op.verb}` }, op.verb.toUpperCase()), h("code", { class: "path" }, op.path), h("span", { class: "soft" }, op.summary ?? "")),
    h("p", {}, op.description ?? ""),
    h("p", { class: "soft" }, (op.security ?? spec.security ?? []).some((s) => Object.keys(s).length) ? "Needs Authorization: Bearer ACCESS_TOKEN." : "Needs no token."),
    op.parameters.length ? [h("h3", {}, "Parameters"), h("table", {}, head("Name", "Type", "Meaning"), h("tbody", {}, op.parameters.map((p) => row(`${p.name} (${p.in})`, p.required, p.schema, p.description))))] : "",
    op.requestBody ? [h("h3", {}, "Body"), content(resolve(op.requestBody))] : "",
    h("h3", {}, "Answers"), Object.entries(op.responses).map(([status, answer]) => answerOf(status, resolve(answer))));
}

function answerOf(status, answer) {
  return h("details", {}, h("summary", {}, h("strong", {}, status), ` ${answer.description ?? ""}`), content(answer));
}

function draw() {
  const groups = Map.groupBy ? Map.groupBy(operations(), (op) => op.tag) : group(operations());
  const titles = new Map((spec.tags ?? []).map((tag) => [tag.name, tag.description]));
  byId("main").replaceChildren(h("h1", {}, spec.info.title), h("p", {}, spec.info.description ?? ""),
    ...[...groups].map(([tag, list]) => h("section", { "data-tag": tag }, h("h2", {}, tag), titles.get(tag) ? h("p", { class: "soft" }, titles.get(tag)) : "", list.map(card))));
  byId("toc").replaceChildren(...[...groups].map(([tag, list]) => h("div", {}, h("strong", {}, tag), h("ul", {}, list.map((op) =>
    h("li", {}, h("a", { href: `#${op.anchor}`, title: op.path }, h("span", { class: `verb ${op.verb}` }, op.verb.toUpperCase()), op.path.replace("/video-processing", "…"))))))));
  byId("main").setAttribute("aria-busy", "false");
  openTarget();
}

function group(list) {
  const groups = new Map();
  for (const op of list) groups.set(op.tag, [...(groups.get(op.tag) ?? []), op]);
  return groups;
}

function openTarget() {
  const target = byId(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
}

function filter(words) {
  for (const op of document.querySelectorAll(".operation")) op.hidden = !op.querySelector("summary").textContent.toLowerCase().includes(words);
  for (const section of document.querySelectorAll("[data-tag]")) section.hidden = !section.querySelector(".operation:not([hidden])");
}

addEventListener("hashchange", openTarget);
byId("filter").addEventListener("input", (event) => filter(event.target.value.trim().toLowerCase()));
const answer = await fetch("/openapi.json");
spec = await answer.json();
draw();
