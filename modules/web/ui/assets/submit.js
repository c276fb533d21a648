// The form that sends a video: drop zone, parameters, upload progress.

import { number, size, t } from "./i18n.js";
import { announce, clearProblem, field, h, showProblem, toast } from "./dom.js";
import { api } from "./api.js";

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

function parameters() {
  const format = field("output_format", t("submit.format"), { value: "png", options: [["png", "PNG"], ["jpg", "JPEG"]] });
  const quality = field("quality", t("submit.quality"), { type: "number", min: 1, max: 100, inputMode: "numeric" });
  quality.hidden = true;
  format.querySelector("select").addEventListener("change", (event) => { quality.hidden = event.target.value === "png"; });
  return h("fieldset", {}, h("legend", { class: "visually-hidden" }, t("submit.parameters")), h("div", { class: "grid" },
    field("extraction_fps", t("submit.fps"), { type: "number", min: 0.1, max: 60, step: "any", placeholder: "1" }),
    field("max_frames", t("submit.max"), { type: "number", min: 1, step: 1, placeholder: t("submit.unlimited") }),
    field("start_time", t("submit.start"), { type: "number", min: 0, step: "any", placeholder: "0" }),
    field("end_time", t("submit.end"), { type: "number", min: 0, step: "any", placeholder: t("submit.to_end") }),
    format, quality));
}

function uploadRow() {
  return h("div", { class: "upload", hidden: true }, h("progress", { max: 1, value: 0, "aria-label": t("submit.uploading") }),
    h("div", { class: "row apart" }, h("small", { class: "share" }), h("button", { type: "button", class: "quiet small stop" }, t("submit.stop"))));
}

// fillFromPreferences shows the user's defaults as placeholders: an empty field means "as in my settings".
async function fillFromPreferences(form) {
  const { processing } = await api.preferences().catch(() => ({ processing: {} }));
  const hint = (name, value) => value && form.elements.namedItem(name).setAttribute("placeholder", value);
  hint("extraction_fps", processing.default_fps);
  hint("quality", processing.default_quality);
  hint("max_frames", processing.max_frames);
}

// body holds only the fields that were filled in, the video last: the server can refuse wrong fields before it reads it.
function body(form, file) {
  const filled = new FormData();
  for (const name of ["extraction_fps", "output_format", "quality", "start_time", "end_time", "max_frames"]) {
    const value = form.elements.namedItem(name).value.trim();
    const shown = !form.elements.namedItem(name).closest(".field").hidden;
    if (value && shown) filled.set(name, value);
  }
  filled.set("video_file", file.files[0], file.files[0].name);
  return filled;
}

async function send(form, file, left) {
  clearProblem(form);
  if (!file.files.length) {
    showProblem(form, { message: t("submit.choose"), errors: [{ field: "video_file", message: t("submit.choose") }] });
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
