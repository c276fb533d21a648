// Saves a result. Where the browser lets a page write to a chosen file the archive streams to disk, however large it is;
// elsewhere the browser holds it as a blob first.

import { api } from "./api.js";
import { toast } from "./dom.js";
import { t } from "./i18n.js";

export async function download(id) {
  toast(t("download.started"));
  const answer = await api.archive(id);
  const name = fileName(answer.headers.get("Content-Disposition")) ?? `${id}_frames.zip`;
  if (window.showSaveFilePicker && large(answer) && (await streamed(answer, name))) return;
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

const large = (answer) => Number(answer.headers.get("Content-Length")) > 256 * 1024 * 1024;

async function streamed(answer, name) {
  let file;
  try {
    file = await window.showSaveFilePicker({ suggestedName: name });
  } catch (cause) {
    if (cause.name === "SecurityError") return false; // the click was too long ago: use the blob
    await answer.body.cancel();
    return true; // the user closed the file dialog
  }
  await answer.body.pipeTo(await file.createWritable());
  return true;
}

function fileName(disposition) {
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "");
  if (extended) return decodeURIComponent(extended[1]);
  return /filename="([^"]+)"/i.exec(disposition ?? "")?.[1] ?? null;
}
