// What users do with their account: where it is signed in, its keys, what happened to it, and its end.

import { t, when } from "./i18n.js";
import { confirmed, field, form, h, toast } from "./dom.js";
import { api } from "./api.js";
import { keep } from "./session.js";

// accountCards fill themselves; each shows its own failure.
export function accountCards(signal) {
  return [
    listCard("account.sessions", signal, api.sessions, session),
    listCard("account.keys", signal, api.keys, key, keyForm),
    listCard("account.activity", signal, api.activity, entry),
    h("section", { class: "card" }, h("h2", {}, t("account.close")), h("p", {}, t("account.close_text")), closeForm()),
  ];
}

function listCard(title, signal, load, row, extra) {
  const list = h("ul", { class: "lines" });
  const refresh = async () => {
    try {
      const items = await load();
      if (!signal.aborted) list.replaceChildren(...(items.length ? items.map((item) => row(item, refresh)) : [h("li", {}, t("account.none"))]));
    } catch (problem) {
      toast(problem.message, true);
    }
  };
  refresh();
  return h("section", { class: "card" }, h("h2", {}, t(title)), list, extra && extra(refresh));
}

function line(strong, facts, button) {
  return h("li", { class: "row apart" }, h("div", {}, h("strong", {}, strong), h("div", { class: "facts" }, facts.filter(Boolean).map((fact) => h("span", {}, fact)))), button);
}

function session(item, refresh) {
  const facts = [item.address, t("account.last_used", { time: when(item.last_used_at) })];
  return line(item.user_agent || t("account.unknown"), facts, item.current
    ? h("span", { class: "badge" }, t("account.current"))
    : end("account.end", "account.end_question", item.user_agent, () => api.endSession(item.id), refresh));
}

function key(item, refresh) {
  const facts = [`${item.hint}…`, item.scopes.join(", "), item.expires_at && t("account.expires", { time: when(item.expires_at) }),
    item.last_used_at && t("account.last_used", { time: when(item.last_used_at) })];
  return line(item.name, facts, end("account.revoke", "account.revoke_question", item.name, () => api.revokeKey(item.id), refresh));
}

const entry = (item) => line(item.action, [when(item.at), t(`account.${item.outcome}`), item.address]);

function end(label, question, name, work, refresh) {
  return h("button", { type: "button", class: "quiet small", "aria-label": `${t(label)}: ${name}`, onclick: async (event) => {
    if (!(await confirmed(t(question, { name }), t(label)))) return;
    event.target.disabled = true;
    try {
      await work();
    } catch (problem) {
      toast(problem.message, true);
    }
    refresh();
  } }, t(label));
}

// keyForm shows the new key once; the server does not tell it again.
function keyForm(refresh) {
  const shown = h("p", { role: "status" });
  const create = async (values) => {
    const made = await api.createKey({ name: values.name, scopes: values.scopes.split(" "), current_password: values.current_password });
    shown.replaceChildren(t("account.key_once"), " ", h("code", {}, made.key));
    refresh();
  };
  return h("details", {}, h("summary", {}, t("account.new_key")), form(t("account.create_key"), [
    field("name", t("account.key_name"), { id: "f-key-name", required: true, maxLength: 100 }),
    field("scopes", t("account.key_scopes"), { value: "videos:read videos:write", options: [["videos:read videos:write", t("account.scope_all")], ["videos:read", t("account.scope_read")]] }),
    field("current_password", t("settings.current"), { id: "f-key-password", type: "password", autocomplete: "current-password", required: true }),
  ], create), shown);
}

function closeForm() {
  const close = async (values) => {
    if (!(await confirmed(t("account.close_question"), t("account.close")))) return;
    await api.closeAccount(values);
    toast(t("account.closed"));
    keep(null);
  };
  return form(t("account.close"), [field("current_password", t("settings.current"), { id: "f-close-password", type: "password", autocomplete: "current-password", required: true })], close);
}
