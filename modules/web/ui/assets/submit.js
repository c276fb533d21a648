// The form that sends a video: drop zone, parameters, upload progress.

import { number, size, t } from "./i18n.js";
import { announce, clearProblem, h, showProblem, toast } from "./dom.js";
import { api } from "./api.js";
import { arrange, collect, parameters, prefer } from "./options.js";

const kinds = ".mp4,.avi,.mov,.mkv,.webm,.wmv,.flv";

export function submitCard(signal, onSubmitted) {
  const file = h("input", { type: "file", name: "video_file", id: "f-video_file", accept: `video/*,${kinds}`, class: "visually-hidden", "aria-describedby": "f-video_file-error" });
  const title = h("strong", {}, t("submit.drop"));
  const hint = h("small", {}, t("submit.kinds"));
  const form = h("form", { noValidate: true },
    dropZone(file, title, hint), h("span", { class: "error", id: "f-video_file-error" }),
    parameters(), uploadRow(), h("p", { class: "error form-error" }),
    h("button", { type: "submit", class: "wide" }, t("submit.send")));
  file.addEventListener("change", () => describe(file, title, hint));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, file, signal).then((sent) => {
      if (!sent) return;
      form.reset();
      describe(file, title, hint);
      onSubmitted();
    });
  });
  arrange(form);
  fillFromPreferences(form);
  return h("section", { class: "card", "aria-labelledby": "submit-title" }, h("h2", { id: "submit-title" }, t("submit.title")), form);
}

function dropZone(file, title, hint) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3");
  icon.append(path);
  const zone = h("label", { class: "drop", for: "f-video_file" }, icon, title, hint, file);
  const mark = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
  zone.addEventListener("dragover", mark(true));
  zone.addEventListener("dragleave", mark(false));
  zone.addEventListener("drop", (event) => {
    mark(false)(event);
    if (!event.dataTransfer.files.length) return;
    file.files = event.dataTransfer.files;
    file.dispatchEvent(new Event("change"));
  });
  return zone;
}

function describe(file, title, hint) {
  const chosen = file.files[0];
  title.textContent = chosen ? chosen.name : t("submit.drop");
  hint.textContent = chosen ? size(chosen.size / 1024 / 1024) : t("submit.kinds");
}

function uploadRow() {
  return h("div", { class: "upload", hidden: true }, h("progress", { max: 1, value: 0, "aria-label": t("submit.uploading") }),
    h("div", { class: "row apart" }, h("small", { class: "share" }), h("button", { type: "button", class: "quiet small stop" }, t("submit.stop"))));
}

async function fillFromPreferences(form) {
  const { processing } = await api.preferences().catch(() => ({ processing: {} }));
  prefer(form, processing);
}

// body holds only the fields that were filled in, the video last: the server can refuse wrong fields before it reads it.
function body(form, file) {
  const filled = new FormData();
  collect(form, filled);
  filled.set("video_file", file.files[0], file.files[0].name);
  return filled;
}

// missing names the first field without which there is nothing to send.
function missing(form, file) {
  if (!file.files.length) return { field: "video_file", message: t("submit.choose") };
  const empty = [...form.elements].find((input) => input.required && !input.value.trim() && !input.closest(".field").hidden);
  return empty && { field: empty.name, message: t("submit.required") };
}

async function send(form, file, left) {
  clearProblem(form);
  const lacking = missing(form, file);
  if (lacking) {
    showProblem(form, { message: lacking.message, errors: [lacking] });
    return false;
  }
  const row = form.querySelector(".upload"), button = form.querySelector("button[type=submit]");
  const stop = new AbortController();
  left.addEventListener("abort", () => stop.abort());
  row.querySelector(".stop").onclick = () => stop.abort();
  row.hidden = false;
  button.disabled = true;
  try {
    const { job } = await api.submit(body(form, file), (share) => showShare(row, share), stop.signal);
    const text = t("submit.done", { position: job.queue_position });
    toast(text);
    announce(text);
    return true;
  } catch (problem) {
    if (problem.name !== "AbortError") showProblem(form, problem);
    return false;
  } finally {
    row.hidden = true;
    button.disabled = false;
  }
}

function showShare(row, share) {
  row.querySelector("progress").value = share;
  row.querySelector(".share").textContent = share < 1 ? t("submit.sent", { percent: number(share * 100) }) : t("submit.checking");
}
