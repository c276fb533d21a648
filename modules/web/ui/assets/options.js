// What can be asked of an extraction: which pictures, what they are like, and what comes beside them.

import { t } from "./i18n.js";
import { check, field, h } from "./dom.js";

// Each way to select pictures has the field of its name; keyframes_only needs no value.
const selections = ["extraction_fps", "every", "timestamps", "keyframes_only", "scene_threshold"];
const values = [
  ...selections.filter((name) => name !== "keyframes_only"), "output_format", "quality", "start_time", "end_time", "max_frames",
  "crop", "width", "height", "dedupe", "name_template",
];
export const switches = ["contact_sheet", "storyboard", "keep_hdr"];

export const formats = [["png", "PNG"], ["jpg", "JPEG"], ["webp", "WebP"], ["avif", "AVIF"]];

export function parameters() {
  const format = field("output_format", t("submit.format"), { value: "png", options: formats });
  return h("fieldset", {}, h("legend", { class: "visually-hidden" }, t("submit.parameters")), h("div", { class: "grid" },
    field("selection", t("submit.selection"), { value: "extraction_fps", options: selections.map((name) => [name, label(name)]) }),
    field("extraction_fps", t("submit.fps"), { type: "number", min: 0.1, max: 60, step: "any", placeholder: "1" }),
    field("every", t("submit.every"), { type: "number", min: 1, step: 1, inputMode: "numeric", placeholder: "10", required: true }),
    field("timestamps", t("submit.timestamps"), { placeholder: "0, 12.5, 1:03:20", required: true }, t("submit.timestamps_hint")),
    field("scene_threshold", t("submit.scene"), { type: "number", min: 0.01, max: 1, step: "any", value: "0.3", required: true }),
    field("max_frames", t("submit.max"), { type: "number", min: 1, step: 1, placeholder: t("submit.unlimited") }),
    field("start_time", t("submit.start"), { type: "number", min: 0, step: "any", placeholder: "0" }),
    field("end_time", t("submit.end"), { type: "number", min: 0, step: "any", placeholder: t("submit.to_end") }),
    format, field("quality", t("submit.quality"), { type: "number", min: 1, max: 100, inputMode: "numeric" })), advanced());
}

function advanced() {
  return h("details", {}, h("summary", {}, t("submit.advanced")), h("div", { class: "grid" },
    field("width", t("submit.width"), { type: "number", min: 1, max: 16384, step: 1, placeholder: t("submit.as_film") }),
    field("height", t("submit.height"), { type: "number", min: 1, max: 16384, step: 1, placeholder: t("submit.as_film") }),
    field("crop", t("submit.crop"), { placeholder: "0,140,1920,800" }, t("submit.crop_hint")),
    field("dedupe", t("submit.dedupe"), { type: "number", min: 0, max: 32, step: 1, placeholder: "0" }, t("submit.dedupe_hint")),
    field("name_template", t("submit.name"), { placeholder: "frame_{n:06}", maxLength: 100 }, t("submit.name_hint"))),
  check("contact_sheet", t("submit.contact_sheet"), false),
  check("storyboard", t("submit.storyboard"), false),
  check("keep_hdr", t("submit.keep_hdr"), false));
}

const label = (name) => ({
  extraction_fps: t("submit.by_fps"), every: t("submit.by_every"), timestamps: t("submit.by_timestamps"),
  keyframes_only: t("submit.by_keyframes"), scene_threshold: t("submit.by_scene"),
})[name];

const control = (form, name) => form.elements.namedItem(name);

// arrange shows only the fields that the choices leave a meaning.
export function arrange(form) {
  const show = () => {
    const chosen = control(form, "selection").value;
    const visible = (name, on) => { control(form, name).closest(".field").hidden = !on; };
    for (const name of selections) if (control(form, name)) visible(name, name === chosen);
    visible("quality", control(form, "output_format").value !== "png");
  };
  form.addEventListener("change", show);
  form.addEventListener("reset", () => setTimeout(show)); // the event comes before the fields change
  show();
}

// prefer shows the user's defaults: an empty field means "as in my settings", a switch stands as set there.
export function prefer(form, processing) {
  const hint = (name, value) => value && control(form, name).setAttribute("placeholder", value);
  hint("extraction_fps", processing.default_fps);
  hint("quality", processing.default_quality);
  hint("max_frames", processing.max_frames);
  hint("dedupe", processing.dedupe);
  hint("name_template", processing.name_template);
  for (const name of switches) control(form, name).checked = control(form, name).defaultChecked = processing[name] === true;
  if (processing.default_format) preferFormat(control(form, "output_format"), processing.default_format);
  form.dispatchEvent(new Event("change"));
}

function preferFormat(select, format) {
  if (![...select.options].some((option) => option.value === format)) select.add(new Option(format.toUpperCase(), format));
  for (const option of select.options) option.defaultSelected = option.value === format;
  select.value = format;
}

// collect puts into filled what was filled in and is in sight, and the switches that differ from the user's defaults.
export function collect(form, filled) {
  for (const name of values) {
    const value = control(form, name).value.trim();
    if (value && !control(form, name).closest(".field").hidden) filled.set(name, value);
  }
  if (control(form, "selection").value === "keyframes_only") filled.set("keyframes_only", "true");
  for (const name of switches) {
    const { checked, defaultChecked } = control(form, name);
    if (checked !== defaultChecked) filled.set(name, String(checked));
  }
}
