// For administrators: who has an account, and who is kept out.

import { t, when } from "./i18n.js";
import { announce, confirmed, field, form, h, toast } from "./dom.js";
import { api } from "./api.js";

const page = 50;

export function peopleView(main, signal) {
  const rows = h("tbody");
  const more = h("div", { class: "row end" });
  const state = { query: { limit: page }, signal, rows, more };
  const search = async (values) => {
    state.query = Object.fromEntries(Object.entries({ ...values, limit: page }).filter(([, value]) => value !== ""));
    rows.replaceChildren();
    await load(state);
    announce(t("people.found", { count: rows.children.length }));
  };
  main.append(h("h1", {}, t("people.title")), h("section", { class: "card" },
    form(t("people.search"), h("div", { class: "grid" },
      field("q", t("people.text"), { type: "search", maxLength: 100 }),
      field("status", t("people.status"), { value: "", options: [["", t("people.any")], ["active", t("people.active")], ["blocked", t("people.blocked")]] }),
      field("role", t("people.role"), { value: "", options: [["", t("people.any")], ["user", t("people.user")], ["admin", t("people.admin")]] })), search)),
  h("section", { class: "card" }, h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, ["name", "email", "role", "status", "created", "last_login", "action"].map((name) => h("th", { scope: "col" }, t(`people.${name}`))))),
    rows)), more));
  return load(state).catch((problem) => toast(problem.message, true));
}

// load adds the next page to the table.
async function load(state) {
  const data = await api.people(state.query);
  if (state.signal.aborted) return;
  state.rows.append(...data.users.map(person));
  const next = { ...state.query, cursor: data.next_cursor };
  const button = h("button", { type: "button", class: "quiet", onclick: () => {
    button.disabled = true;
    state.query = next;
    load(state).catch((problem) => { button.disabled = false; toast(problem.message, true); });
  } }, t("people.more"));
  state.more.replaceChildren(...(data.next_cursor ? [button] : []));
}

function person(user) {
  const row = h("tr", {}, h("td", {}, h("strong", {}, user.full_name), h("br"), h("small", {}, user.username)), h("td", {}, user.email),
    h("td", {}, t(`people.${user.role}`)), h("td", {}, h("span", { class: `badge ${user.status}` }, t(`people.${user.status}`))),
    h("td", {}, when(user.created_at)), h("td", {}, when(user.last_login)), h("td", {}, action(user, (next) => row.replaceWith(person(next)))));
  return row;
}

function action(user, changed) {
  const block = user.status !== "blocked";
  const label = t(block ? "people.block" : "people.unblock");
  return h("button", { type: "button", class: "quiet small", "aria-label": `${label}: ${user.full_name}`, onclick: async (event) => {
    if (block && !(await confirmed(t("people.block_question", { name: user.full_name }), label))) return;
    event.target.disabled = true;
    try {
      changed(await api.setBlocked(user.id, block));
    } catch (problem) {
      event.target.disabled = false;
      toast(problem.message, true);
    }
  } }, label);
}
