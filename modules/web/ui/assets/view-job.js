// One job: what is known about it, and its frames as pictures read straight out of the archive.

import { clock, number, size, t, when } from "./i18n.js";
import { h } from "./dom.js";
import { api } from "./api.js";
import { act, bar, remove, shortfall } from "./job-card.js";
import { download } from "./download.js";
import { poll } from "./poll.js";
import { directory, image } from "./zip.js";

const batch = 24;

export function jobView(main, signal, id) {
  const head = h("div", {}), gallery = h("section", { "aria-label": t("frames.label") });
  main.append(h("p", {}, h("a", { href: "/", "data-link": true }, t("job.back"))), h("section", { class: "card" }, head), gallery);
  let shown = false;
  const refresh = poll(signal, async () => {
    const data = await api.status(id).catch((problem) => {
      head.replaceChildren(h("h1", {}, t("job.gone")), h("p", {}, problem.message));
      return null;
    });
    if (!data) return false;
    head.replaceChildren(...summary(id, data, await current(id, data.job), refresh));
    if (data.results.download_available && !shown) {
      shown = true;
      showFrames(gallery, id, signal);
    }
    return data.job.status === "pending" || data.job.status === "processing";
  });
}

const current = (id, job) => (job.status === "processing" ? api.progress(id).catch(() => null) : null);

function summary(id, { job, progress, results, error }, live, refresh) {
  const facts = [
    size(job.file_size_mb), job.duration && clock(job.duration), job.extraction_fps && t("job.rate", { fps: number(job.extraction_fps, 3) }),
    results.frame_count && t("job.frames", { count: number(results.frame_count) }),
    results.zip_size_mb && `ZIP ${size(results.zip_size_mb)}`,
    progress.processing_duration && t("job.took", { time: clock(progress.processing_duration) }), when(job.created_at),
  ].filter(Boolean);
  const active = job.status === "pending" || job.status === "processing";
  return [
    h("div", { class: "row apart" }, h("h1", {}, job.original_filename), h("span", { class: `badge ${job.status}` }, t(`status.${job.status}`))),
    h("p", { class: "facts" }, facts.map((fact) => h("span", {}, fact))),
    job.status === "processing" ? bar(job, live) : "",
    error ? h("p", { class: "error" }, error.message) : "",
    shortfall(results),
    h("div", { class: "row" },
      results.download_available && h("button", { onclick: () => act(() => download(id)) }, t("job.download")),
      active && h("button", { class: "quiet", onclick: () => act(() => api.cancel(id), refresh) }, t("job.cancel")),
      job.status !== "processing" && h("button", { class: "quiet", onclick: () => remove({ ...job, id }, () => history.back()) }, t("job.delete"))),
  ];
}

async function showFrames(gallery, id, signal) {
  const [names, entries] = await Promise.all([api.frames(id), directory(id).catch(() => null)]);
  const list = h("ul", { class: "frames" });
  const more = h("button", { class: "quiet", onclick: () => add() }, t("frames.more"));
  let next = 0;
  const add = () => {
    const slice = names.slice(next, (next += batch));
    list.append(...slice.map((name) => frame(id, name, entries?.get(name), signal)));
    more.hidden = next >= names.length;
  };
  gallery.replaceChildren(h("h2", {}, t("frames.title", { count: number(names.length) })), list, h("div", { class: "row" }, more));
  add();
}

function frame(id, name, entry, signal) {
  const figure = h("figure", {}, h("div", { class: "blank" }), h("figcaption", {}, name));
  if (entry) image(id, name, entry).then((blob) => {
    const address = URL.createObjectURL(blob);
    signal.addEventListener("abort", () => URL.revokeObjectURL(address));
    figure.firstChild.replaceWith(h("a", { href: address, target: "_blank", rel: "noopener" }, h("img", { src: address, alt: name, loading: "lazy" })));
  }).catch(() => {}); // the name alone is shown; the download still has the picture
  return h("li", {}, figure);
}
