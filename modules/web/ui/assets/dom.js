// Small helpers to build the page. Text always goes in as text nodes, never as HTML: what a user typed cannot become code.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

// announce tells users of screen readers what changed without moving their focus.
export function announce(text) {
  byId("live").textContent = text;
}

export function toast(text, bad = false) {
  const note = h("p", { class: bad ? "toast bad" : "toast" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), bad ? 9000 : 5000);
}

// confirmed asks once, in a real dialog: focus is trapped and Escape means no.
export function confirmed(question, yes) {
  const dialog = byId("confirm");
  byId("confirm-text").textContent = question;
  byId("confirm-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// field is a labelled input whose hint and error are announced with it.
export function field(name, label, props = {}, hint = "") {
  const id = props.id ?? `f-${name}`;
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  const input = props.options
    ? h("select", { id, name, "aria-describedby": described }, props.options.map(([value, text]) => h("option", { value, selected: value === props.value }, text)))
    : h("input", { ...props, id, name, "aria-describedby": described });
  return h("div", { class: "field" }, h("label", { for: id }, label), input,
    hint && h("small", { id: `${id}-hint` }, hint), h("span", { class: "error", id: `${id}-error` }));
}

export function check(name, label, checked) {
  return h("label", { class: "check" }, h("input", { type: "checkbox", name, checked }), label);
}

// showProblem puts an error next to the fields it names, and its sentence where the form says it all.
export function showProblem(form, problem) {
  clearProblem(form);
  let first = null;
  for (const wrong of problem.errors ?? []) {
    const name = wrong.field.split(/[./]/).pop();
    const input = form.elements.namedItem(name);
    const slot = input && form.querySelector(`#${CSS.escape(input.id)}-error`);
    if (!input || !slot) continue;
    input.setAttribute("aria-invalid", "true");
    slot.textContent = wrong.message;
    input.closest("details")?.setAttribute("open", "");
    first ??= input;
  }
  form.querySelector(".form-error").textContent = first ? "" : problem.message;
  (first ?? form.querySelector("button[type=submit]"))?.focus();
  announce(problem.message);
}

export function clearProblem(form) {
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const slot of form.querySelectorAll(".error")) slot.textContent = "";
}

// form runs work with the values of its fields, and shows next to them what the server says is wrong.
export function form(button, fields, work) {
  const element = h("form", { onsubmit: async (event) => {
    event.preventDefault();
    clearProblem(element);
    try {
      await busy(element, () => work(Object.fromEntries(new FormData(element))));
    } catch (problem) {
      showProblem(element, problem);
    }
  } }, fields, h("p", { class: "error form-error" }), h("button", { type: "submit", class: "wide" }, button));
  return element;
}

// busy disables the form's buttons while work runs, so that a double click is not two requests.
export async function busy(form, work) {
  const buttons = [...form.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  try {
    return await work();
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}
