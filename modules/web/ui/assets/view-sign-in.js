// Sign in or create an account, with what the product does beside it.

import { t } from "./i18n.js";
import { field, form, h } from "./dom.js";
import { api } from "./api.js";
import { unconfirmed } from "./view-link.js";

export function signIn(main) {
  const box = h("section", { class: "card", "aria-label": t("sign.label") });
  main.append(h("div", { class: "hero" },
    h("section", {}, h("h1", {}, t("hero.title")), h("p", {}, t("hero.text")),
      h("ol", { class: "steps" }, ["hero.one", "hero.two", "hero.three"].map((key) => h("li", {}, t(key))))),
    box));
  fill(box, "login");
}

function fill(box, tab) {
  const forms = { login: loginForm, register: registerForm };
  const tabs = Object.keys(forms).map((name) => h("button", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(name === tab), "aria-controls": "sign-panel",
    tabIndex: name === tab ? 0 : -1,
    onclick: () => choose(box, name),
    onkeydown: (event) => (event.key === "ArrowLeft" || event.key === "ArrowRight") && choose(box, name === "login" ? "register" : "login"),
  }, t(`sign.${name}`)));
  box.replaceChildren(h("div", { class: "tabs", role: "tablist" }, tabs),
    h("div", { role: "tabpanel", id: "sign-panel", "aria-labelledby": `tab-${tab}` }, forms[tab]()));
}

function choose(box, name) {
  fill(box, name);
  box.querySelector(`#tab-${name}`).focus();
}

// enter signs in, or says what to do first when the address is not confirmed.
async function enter(identifier, password) {
  try {
    await api.login(identifier, password);
  } catch (problem) {
    if (problem.code !== "auth.email_unverified") throw problem;
    unconfirmed(document.getElementById("sign-panel"), identifier);
  }
}

function loginForm() {
  return form(t("sign.login"), [
    field("identifier", t("sign.identifier"), { autocomplete: "username", required: true }),
    field("password", t("sign.password"), { type: "password", autocomplete: "current-password", required: true }),
    h("p", {}, h("a", { href: "/forgot", "data-link": true }, t("sign.forgot"))),
  ], ({ identifier, password }) => enter(identifier, password));
}

function registerForm() {
  return form(t("sign.register"), [
    h("div", { class: "grid" },
      field("first_name", t("sign.first_name"), { autocomplete: "given-name", required: true }),
      field("last_name", t("sign.last_name"), { autocomplete: "family-name", required: true })),
    field("email", t("sign.email"), { type: "email", autocomplete: "email", required: true }),
    field("username", t("sign.username"), { autocomplete: "username", required: true, minLength: 3, maxLength: 30, pattern: "[A-Za-z0-9_\\-]+" }, t("sign.username_hint")),
    field("password", t("sign.password"), { type: "password", autocomplete: "new-password", required: true, minLength: 12 }, t("sign.password_hint")),
  ], async (account) => {
    await api.register(account);
    await enter(account.email, account.password);
  });
}
