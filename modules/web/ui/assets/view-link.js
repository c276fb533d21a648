// The pages around mailed links: ask for one, confirm an address, choose a new password.
//
// The secret of a link stands behind its "#": the browser sends that part to nobody. It is taken out of the address at
// once, so that it stays out of the history and of pictures of the screen, and nothing happens before a button is pressed,
// because programs that open links to examine them must not use them up.

import { t } from "./i18n.js";
import { announce, field, form, h } from "./dom.js";
import { api } from "./api.js";
import { keep } from "./session.js";

let secret = "";

function takeSecret() {
  if (location.hash.length > 1) {
    secret = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
  return secret;
}

const card = (title, ...content) => h("section", { class: "card narrow" }, h("h1", {}, title), content);
const link = (href, text) => h("p", {}, h("a", { href, "data-link": true }, text));

// told replaces what was asked by what came of it.
function told(box, text, ...more) {
  box.replaceChildren(h("p", { tabindex: "-1" }, text), ...more);
  box.firstChild.focus();
  announce(text);
}

export function forgotView(main) {
  const box = h("div", {});
  box.append(h("p", {}, t("forgot.text")), form(t("forgot.send"), [
    field("identifier", t("sign.identifier"), { autocomplete: "username", required: true }),
  ], async ({ identifier }) => {
    await api.forgot(identifier);
    told(box, t("forgot.sent"));
  }));
  main.append(card(t("forgot.title"), box, link("/", t("link.back"))));
}

export function resetView(main) {
  const token = takeSecret();
  const box = h("div", {});
  if (!token) told(box, t("link.incomplete"), link("/forgot", t("forgot.title")));
  else box.append(form(t("reset.save"), [
    field("new_password", t("settings.new"), { type: "password", autocomplete: "new-password", required: true, minLength: 12 }, t("sign.password_hint")),
  ], async ({ new_password: password }) => {
    await api.reset(token, password);
    secret = "";
    keep(null); // every session has ended, this tab's too
    told(box, t("reset.done"), link("/", t("sign.login")));
  }));
  main.append(card(t("reset.title"), box));
}

export function verifyView(main) {
  const token = takeSecret();
  const box = h("div", {});
  if (!token) told(box, t("link.incomplete"), link("/", t("link.back")));
  else box.append(h("p", {}, t("verify.text")), form(t("verify.confirm"), [], async () => {
    await api.verify(token);
    secret = "";
    told(box, t("verify.done"), link("/", t("sign.login")));
  }));
  main.append(card(t("verify.title"), box));
}

// unconfirmed says, in place of the form in box, that a mail is waiting to be read, and offers another one.
export function unconfirmed(box, identifier) {
  told(box, t("verify.waiting"), form(t("verify.again"), [], async () => {
    await api.resend(identifier);
    told(box, t("verify.sent"));
  }));
}
