// The main view: submit a video on the left, the jobs with live progress on the right.

import { clock, number, t } from "./i18n.js";
import { announce, h, toast } from "./dom.js";
import { api } from "./api.js";
import { jobCard } from "./job-card.js";
import { submitCard } from "./submit.js";
import { poll } from "./poll.js";

const page = 20;

export function jobsView(main, signal) {
  const stats = h("div", { class: "stats" });
  const list = h("ul", { class: "jobs", "aria-label": t("jobs.label") });
  const pager = h("div", { class: "row end" });
  const state = { skip: 0, seen: new Map() };
  const refresh = poll(signal, () => update(state, { stats, list, pager }, refresh));
  main.append(h("div", { class: "split" },
    submitCard(signal, () => { state.skip = 0; refresh(); }),
    h("section", { "aria-labelledby": "jobs-title" }, h("h1", { id: "jobs-title" }, t("jobs.title")), stats, list, pager)));
}

// update answers whether something is still running, which decides how soon the next one comes.
async function update(state, parts, refresh) {
  const data = await api.jobs(state.skip, page);
  const progress = await details(data.jobs);
  parts.stats.replaceChildren(...figures(data.statistics));
  draw(parts.list, data.jobs, progress, refresh);
  turnPages(state, parts.pager, data.pagination, refresh);
  tellChanges(state.seen, data.jobs);
  return data.jobs.some((job) => job.status === "pending" || job.status === "processing");
}

async function details(jobs) {
  const running = jobs.filter((job) => job.status === "processing");
  const answers = await Promise.all(running.map((job) => api.progress(job.id).catch(() => null)));
  return new Map(answers.filter(Boolean).map((answer) => [answer.job_id, answer]));
}

function figures(s) {
  const rows = [
    [number(s.total_jobs), t("stats.jobs")],
    [number(s.total_frames_extracted), t("stats.frames")],
    [clock(s.total_processing_time_hours * 3600), t("stats.time")],
    [`${number(s.success_rate, 1)}%`, t("stats.success")],
  ];
  return s.total_jobs ? rows.map(([value, name]) => h("div", {}, h("strong", {}, value), h("small", {}, name))) : [];
}

// draw replaces only cards that changed, so that focus and selections survive the polling.
function draw(list, jobs, progress, refresh) {
  if (!jobs.length) {
    list.replaceChildren(h("li", { class: "card empty" }, h("p", {}, t("jobs.none"))));
    return;
  }
  const old = new Map([...list.children].map((card) => [card.dataset.id, card]));
  const cards = jobs.map((job) => {
    const print = JSON.stringify([job, progress.get(job.id)]);
    const before = old.get(job.id);
    if (before?.dataset.print === print) return before;
    const card = jobCard(job, progress.get(job.id), refresh);
    card.dataset.id = job.id;
    card.dataset.print = print;
    if (before?.contains(document.activeElement)) refocus(card, document.activeElement.dataset.act);
    return card;
  });
  const same = cards.length === list.children.length && cards.every((card, i) => card === list.children[i]);
  if (!same) list.replaceChildren(...cards);
}

function refocus(card, act) {
  queueMicrotask(() => card.querySelector(`[data-act="${act}"]`)?.focus());
}

function turnPages(state, pager, info, refresh) {
  const turn = (by) => () => { state.skip += by; refresh(); };
  pager.replaceChildren(
    info.has_previous ? h("button", { class: "quiet small", onclick: turn(-page) }, t("jobs.newer")) : "",
    info.has_next ? h("button", { class: "quiet small", onclick: turn(page) }, t("jobs.older")) : "");
}

// tellChanges says once that a job ended, for eyes and for screen readers.
function tellChanges(seen, jobs) {
  for (const job of jobs) {
    const before = seen.get(job.id);
    seen.set(job.id, job.status);
    if (!before || before === job.status || job.status === "processing") continue;
    const text = t(`ended.${job.status}`, { name: job.original_filename, count: job.frame_count ?? 0 });
    announce(text);
    if (job.status !== "cancelled") toast(text, job.status === "failed");
  }
}
