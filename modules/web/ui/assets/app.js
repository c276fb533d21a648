// The page: which view the address asks for, and the frame around it.

import { load, t, translatePage } from "./i18n.js";
import { announce, byId, h } from "./dom.js";
import { api } from "./api.js";
import { onSession, session } from "./session.js";
import { signIn } from "./view-sign-in.js";
import { jobsView } from "./view-jobs.js";
import { jobView } from "./view-job.js";
import { settingsView } from "./view-settings.js";
import { peopleView } from "./view-people.js";
import { forgotView, resetView, verifyView } from "./view-link.js";

const routes = [
  [/^\/$/, jobsView],
  [/^\/jobs\/([0-9a-f-]+)$/, jobView],
  [/^\/settings$/, settingsView],
  [/^\/people$/, peopleView],
];

// open are the pages that the links in mails lead to: nobody needs to be signed in for them.
const open = [
  [/^\/forgot$/, forgotView],
  [/^\/reset$/, resetView],
  [/^\/verify$/, verifyView],
];

let leave = null; // aborts what the shown view still has under way

function show({ moveFocus = false } = {}) {
  leave?.abort();
  leave = new AbortController();
  const path = location.pathname;
  const main = byId("main");
  main.replaceChildren();
  frame(path);
  const entry = open.find(([pattern]) => pattern.test(path));
  if (entry) entry[1](main);
  else if (!session()) signIn(main, leave.signal);
  else {
    const [pattern, view] = routes.find(([pattern]) => pattern.test(path)) ?? [null, missing];
    view(main, leave.signal, ...(pattern?.exec(path).slice(1) ?? []));
  }
  if (moveFocus) main.focus();
}

function missing(main) {
  main.append(h("section", { class: "card empty" }, h("h1", {}, t("missing.title")), h("a", { href: "/", "data-link": true }, t("missing.back"))));
}

function frame(path) {
  const known = session();
  byId("nav").hidden = byId("logout").hidden = byId("who").hidden = !known;
  byId("people").hidden = !known?.admin;
  byId("who").textContent = known?.user?.full_name ?? "";
  for (const link of byId("nav").querySelectorAll("a")) {
    if (link.getAttribute("href") === path) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function go(path) {
  history.pushState(null, "", path);
  show({ moveFocus: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
addEventListener("popstate", () => show({ moveFocus: true }));
byId("logout").addEventListener("click", () => api.logout());

let signedIn = Boolean(session());
onSession((next) => {
  byId("people").hidden = !next?.admin;
  if (Boolean(next) === signedIn) return; // a renewal changes nothing else that is shown
  signedIn = Boolean(next);
  show({ moveFocus: true });
  announce(t(signedIn ? "signed_in" : "signed_out"));
});

const chooser = byId("language");
async function speak(choice) {
  await load(choice);
  chooser.value = document.documentElement.lang;
  translatePage();
  show();
}
chooser.addEventListener("change", () => speak(chooser.value));
speak();
