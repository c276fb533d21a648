// One job in the list, with what can be done to it now.

import { clock, number, size, t, when } from "./i18n.js";
import { confirmed, h, toast } from "./dom.js";
import { api } from "./api.js";
import { download } from "./download.js";

export function jobCard(job, progress, refresh) {
  return h("li", { class: "card job" },
    h("div", { class: "row apart" }, h("h2", {}, job.original_filename),
      h("span", { class: `badge ${job.status}` }, t(`status.${job.status}`))),
    h("div", { class: "facts" }, facts(job).map((fact) => h("span", {}, fact))),
    job.status === "processing" && bar(job, progress),
    job.error_message && h("p", { class: "error" }, job.error_message),
    shortfall(job),
    h("div", { class: "row" }, actions(job, refresh)));
}

function facts(job) {
  return [
    when(job.created_at), size(job.file_size_mb), job.duration && clock(job.duration),
    job.frame_count ? t("job.frames", { count: number(job.frame_count) })
      : job.estimated_frames && t("job.expected", { count: number(job.estimated_frames) }),
    job.zip_size_mb && `ZIP ${size(job.zip_size_mb)}`,
  ].filter(Boolean);
}

export function bar(job, progress) {
  const percent = progress?.progress_percentage ?? 0;
  const label = t("job.progress", { name: job.original_filename });
  return h("div", {}, h("progress", { max: 100, value: percent, "aria-label": label }, `${percent}%`),
    h("div", { class: "row apart" }, h("small", {}, told("stage", progress?.current_stage)), h("small", {}, `${number(percent)}%`)));
}

// shortfall says what a result lacks of the film.
export function shortfall(result) {
  const at = Number.isFinite(result.damaged_at) ? t("job.damaged_at", { time: clock(result.damaged_at) }) : "";
  if (result.partial) return h("p", { class: "error" }, [t("job.partial"), at, told("reason", result.partial_reason)].filter(Boolean).join(" "));
  return result.truncated ? h("p", { class: "error" }, t("job.truncated")) : "";
}

// told is a sentence of the server in the page's language, where the page knows it.
function told(kind, sentence) {
  if (!sentence) return "";
  const key = `${kind}.${sentence}`;
  const text = t(key);
  return text === key ? sentence : text;
}

function actions(job, refresh) {
  const done = job.status === "completed", ended = done || job.status === "failed" || job.status === "cancelled";
  return [
    job.download_available && h("button", { class: "small", "data-act": "download", onclick: () => act(() => download(job.id)) }, t("job.download")),
    h("a", { class: "button quiet small", href: `/jobs/${job.id}`, "data-link": true, "data-act": "open", "aria-label": t("job.open_label", { name: job.original_filename }) }, t(done ? "job.open_frames" : "job.open")),
    !ended && h("button", { class: "quiet small", "data-act": "cancel", onclick: () => act(() => api.cancel(job.id), refresh) }, t("job.cancel")),
    job.status !== "processing" && h("button", { class: "quiet small", "data-act": "delete", onclick: () => remove(job, refresh) }, t("job.delete")),
  ].filter(Boolean);
}

export async function remove(job, then) {
  if (!(await confirmed(t("job.delete_question", { name: job.original_filename }), t("job.delete")))) return;
  await act(() => api.remove(job.id), then);
}

export async function act(work, then = () => {}) {
  try {
    await work();
  } catch (problem) {
    toast(problem.message, true);
  }
  then();
}
