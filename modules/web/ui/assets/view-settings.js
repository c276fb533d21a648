// The user's defaults and password.

import { t } from "./i18n.js";
import { busy, check, clearProblem, field, h, showProblem, toast } from "./dom.js";
import { api } from "./api.js";
import { formats, switches } from "./options.js";
import { accountCards } from "./account.js";
import { keep } from "./session.js";

export async function settingsView(main, signal) {
  main.append(h("h1", {}, t("settings.title")));
  let preferences;
  try {
    preferences = await api.preferences();
  } catch (problem) {
    toast(problem.message, true);
    return;
  }
  if (signal.aborted) return;
  main.append(h("div", { class: "split" }, h("section", { class: "card" }, h("h2", {}, t("settings.password")), passwordForm()),
    h("section", { class: "card" }, h("h2", {}, t("settings.defaults")), preferencesForm(preferences)),
    accountCards(signal)));
}

function form(button, work, ...children) {
  const element = h("form", { onsubmit: async (event) => {
    event.preventDefault();
    clearProblem(element);
    try {
      await busy(element, () => work(element));
    } catch (problem) {
      showProblem(element, problem);
    }
  } }, children, h("p", { class: "error form-error" }), h("button", { type: "submit" }, button));
  return element;
}

function preferencesForm({ processing, notifications }) {
  const save = async (element) => {
    await api.savePreferences(chosen(element.elements));
    toast(t("settings.saved"));
  };
  return form(t("settings.save"), save,
    h("div", { class: "grid" },
      field("default_fps", t("submit.fps"), { type: "number", min: 0.1, max: 60, step: "any", value: String(processing.default_fps), required: true }),
      field("default_quality", t("submit.quality"), { type: "number", min: 1, max: 100, value: String(processing.default_quality), required: true }),
      field("max_frames", t("submit.max"), { type: "number", min: 1, value: processing.max_frames ? String(processing.max_frames) : "", placeholder: t("submit.unlimited") }),
      field("default_format", t("submit.format"), { value: processing.default_format ?? "png", options: formats }),
      field("dedupe", t("submit.dedupe"), { type: "number", min: 0, max: 32, step: 1, value: String(processing.dedupe ?? 0) }, t("submit.dedupe_hint")),
      field("name_template", t("submit.name"), { value: processing.name_template ?? "", placeholder: "frame_{n:06}", maxLength: 100 }, t("submit.name_hint"))),
    switches.map((name) => check(name, t(`submit.${name}`), processing[name])),
    check("auto_cleanup", t("settings.auto_cleanup"), processing.auto_cleanup),
    h("h3", {}, t("settings.mail")),
    field("mail_language", t("settings.language"), { value: notifications.language ?? "", options: [["", t("settings.language_auto")], ["en", "English"], ["pt-BR", "Português"]] }),
    check("email_enabled", t("settings.email_enabled"), notifications.email_enabled),
    check("job_completion", t("settings.job_completion"), notifications.job_completion),
    check("job_failure", t("settings.job_failure"), notifications.job_failure));
}

function chosen(fields) {
  const max = fields.max_frames.value;
  return {
    processing: {
      default_fps: Number(fields.default_fps.value), default_quality: Number(fields.default_quality.value),
      max_frames: max ? Number(max) : null, auto_cleanup: fields.auto_cleanup.checked,
      default_format: fields.default_format.value, dedupe: Number(fields.dedupe.value), name_template: fields.name_template.value || null,
      ...Object.fromEntries(switches.map((name) => [name, fields[name].checked])),
    },
    notifications: {
      language: fields.mail_language.value || null, email_enabled: fields.email_enabled.checked, job_completion: fields.job_completion.checked, job_failure: fields.job_failure.checked,
    },
  };
}

function passwordForm() {
  const change = async (element) => {
    await api.changePassword(Object.fromEntries(new FormData(element)));
    toast(t("settings.password_changed"));
    keep(null); // every session has ended, this one too
  };
  return form(t("settings.change"), change,
    field("current_password", t("settings.current"), { type: "password", autocomplete: "current-password", required: true }),
    field("new_password", t("settings.new"), { type: "password", autocomplete: "new-password", required: true, minLength: 12 }, t("sign.password_hint")),
    field("confirm_password", t("settings.confirm"), { type: "password", autocomplete: "new-password", required: true }));
}
