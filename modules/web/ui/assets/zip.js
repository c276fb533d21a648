// Reads single images out of a result without downloading all of it: the archive's directory is at its end, and the
// download route answers byte ranges.

import { api } from "./api.js";

const kinds = { png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", webp: "image/webp", avif: "image/avif" };
const endMark = 0x06054b50, entryMark = 0x02014b50, tail = 65557;

async function range(id, from, to) {
  const answer = await api.archive(id, { headers: { Range: `bytes=${from < 0 ? from : `${from}-${to}`}` } });
  return { bytes: await answer.arrayBuffer(), total: Number(answer.headers.get("Content-Range")?.split("/")[1]) };
}

// directory lists the entries of the archive of job id; null when the archive is too large for its plain directory
// (ZIP64), in which case the page shows names only.
export async function directory(id) {
  const { bytes, total } = await range(id, -tail);
  const view = new DataView(bytes);
  const end = findEnd(view);
  if (end < 0) return null;
  const count = view.getUint16(end + 10, true), length = view.getUint32(end + 12, true), offset = view.getUint32(end + 16, true);
  if (count === 0xffff || offset === 0xffffffff) return null;
  const start = (total || bytes.byteLength) - bytes.byteLength;
  const directoryView = offset >= start
    ? new DataView(bytes, offset - start, length)
    : new DataView((await range(id, offset, offset + length - 1)).bytes);
  return entries(directoryView, count);
}

function findEnd(view) {
  for (let at = view.byteLength - 22; at >= 0; at--) if (view.getUint32(at, true) === endMark) return at;
  return -1;
}

function entries(view, count) {
  const found = new Map();
  for (let at = 0, i = 0; i < count && view.getUint32(at, true) === entryMark; i++) {
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength));
    found.set(name, { method: view.getUint16(at + 10, true), size: view.getUint32(at + 20, true), offset: view.getUint32(at + 42, true) });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return found;
}

// image loads one entry as a Blob that an <img> can show.
export async function image(id, name, entry) {
  const slack = 512; // the entry's own header: 30 bytes, its name and extra fields
  const { bytes } = await range(id, entry.offset, entry.offset + 30 + slack + entry.size);
  const view = new DataView(bytes);
  const start = 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const data = new Blob([bytes.slice(start, start + entry.size)], { type: kinds[name.split(".").pop()] });
  if (entry.method === 0) return data;
  const stream = data.stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream, { headers: { "Content-Type": data.type } }).blob();
}
