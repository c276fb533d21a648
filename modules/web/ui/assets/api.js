// The client of the public HTTP API: the same routes, tokens and errors that any other program uses.

import { fromTokens, keep, session } from "./session.js";
import { has, language, t } from "./i18n.js";

// Problem is an answer of the server that says what went wrong (RFC 9457).
export class Problem extends Error {
  constructor(status, body = {}) {
    super(sentence(status, body));
    this.status = status;
    this.code = body.code ?? "";
    this.errors = body.errors ?? [];
  }
}

function sentence(status, body) {
  if (body.code && has(`problem.${body.code}`)) return t(`problem.${body.code}`);
  if (status === 0) return t("problem.offline");
  return body.detail || body.title || t("problem.unknown", { status });
}

async function problemOf(answer) {
  const body = await answer.json().catch(() => ({}));
  return new Problem(answer.status, body);
}

// send says which language the page is in: mails that follow from the request are written in it.
async function send(path, init = {}) {
  const headers = { "Accept-Language": language, ...init.headers };
  try {
    return await fetch(path, { cache: "no-store", ...init, headers });
  } catch (cause) {
    if (cause.name === "AbortError") throw cause;
    throw new Problem(0);
  }
}

let renewing = null;

// renew exchanges the refresh token. It runs once at a time: the token changes on every use, and a second use of the old
// one looks like theft to the server. Where the browser has the token in its cookie there is nothing to send. A server that
// is away or busy ends no session.
function renew() {
  renewing ??= (async () => {
    const refresh = session()?.refresh;
    const answer = await send("/auth/refresh", refresh ? json("POST", { refresh_token: refresh }) : { method: "POST" });
    if (!answer.ok) {
      if (answer.status < 500 && answer.status !== 429) keep(null);
      throw await problemOf(answer);
    }
    keep(fromTokens((await answer.json()).data));
  })().finally(() => { renewing = null; });
  return renewing;
}

const json = (method, body) => ({ method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

// token gives a valid access token, renewed when it is about to expire.
export async function token() {
  if (!session()) throw new Problem(401, { detail: t("problem.signed_out") });
  if (!session().access || Date.now() > session().until) await renew();
  return session().access;
}

// request calls a protected route; one 401 is answered by a renewal and a second try.
export async function request(path, init = {}) {
  for (let attempt = 1; ; attempt++) {
    const headers = { ...init.headers, Authorization: `Bearer ${await token()}` };
    const answer = await send(path, { ...init, headers });
    if (answer.ok) return answer;
    if (answer.status !== 401 || attempt > 1) throw await problemOf(answer);
    await renew();
  }
}

const read = async (path, init) => (await request(path, init)).json();

// open calls a route that needs no token. When too many sign in at the same moment it waits as it is told, once.
async function open(path, body) {
  let answer = await send(path, json("POST", body));
  const wait = answer.status === 503 ? Number(answer.headers.get("Retry-After")) : 0;
  if (wait > 0 && wait <= 3) {
    await new Promise((resolve) => { setTimeout(resolve, wait * 1000); });
    answer = await send(path, json("POST", body));
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer.json();
}

const jobs = "/video-processing/jobs";
const job = (id) => `${jobs}/${encodeURIComponent(id)}`;

export const api = {
  register: (account) => open("/auth/register", account),
  login: async (identifier, password) => {
    keep(null);
    keep(fromTokens((await open("/auth/login", { identifier, password, cookie: true })).data));
  },
  logout: async () => {
    await request("/auth/logout", { method: "POST" }).catch(() => {});
    keep(null);
  },
  forgot: (identifier) => open("/auth/password/forgot", { identifier }),
  reset: (token, password) => open("/auth/password/reset", { token, new_password: password }),
  verify: (token) => open("/auth/verify-email", { token }),
  resend: (identifier) => open("/auth/verify-email/resend", { identifier }),
  changePassword: (body) => read("/users/change-password", json("POST", body)),
  sessions: () => read("/auth/sessions").then((body) => body.data.sessions),
  endSession: (id) => read(`/auth/sessions/${encodeURIComponent(id)}`, { method: "DELETE" }),
  keys: () => read("/auth/api-keys").then((body) => body.data.api_keys),
  createKey: (key) => read("/auth/api-keys", json("POST", key)).then((body) => body.data),
  revokeKey: (id) => read(`/auth/api-keys/${encodeURIComponent(id)}`, { method: "DELETE" }),
  activity: () => read("/auth/activity?limit=20").then((body) => body.data.entries),
  closeAccount: (body) => read("/users/close-account", json("POST", body)),
  people: (query) => read(`/admin/users?${new URLSearchParams(query)}`).then((body) => body.data),
  setBlocked: (id, blocked) => read(`/admin/users/${encodeURIComponent(id)}/${blocked ? "block" : "unblock"}`, { method: "POST" }).then((body) => body.data.user),
  jobs: (skip, limit) => read(`${jobs}?skip=${skip}&limit=${limit}`).then((body) => body.data),
  status: (id) => read(`${job(id)}/status`).then((body) => body.data),
  progress: (id) => read(`${job(id)}/progress`),
  frames: (id) => read(`${job(id)}/frames`),
  cancel: (id) => read(`${job(id)}/cancel`, { method: "POST" }),
  remove: (id) => read(job(id), { method: "DELETE" }),
  archive: (id, init) => request(`${job(id)}/download`, init),
  preferences: () => read("/video-processing/user/preferences"),
  savePreferences: (body) => read("/video-processing/user/preferences", json("PUT", body)),
  health: () => send("/video-processing/system/health").then((answer) => answer.json()),
  submit,
};

// submit uploads with XMLHttpRequest, because fetch does not report how much has been sent.
async function submit(form, onProgress, signal) {
  const access = await token();
  return new Promise((resolve, reject) => {
    const upload = new XMLHttpRequest();
    upload.open("POST", "/video-processing/submit");
    upload.setRequestHeader("Authorization", `Bearer ${access}`);
    upload.setRequestHeader("Accept-Language", language);
    upload.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    upload.addEventListener("load", () => {
      const body = parsed(upload.responseText);
      if (upload.status === 201) resolve(body.data);
      else reject(new Problem(upload.status, body));
    });
    upload.addEventListener("error", () => reject(new Problem(0)));
    upload.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    signal.addEventListener("abort", () => upload.abort());
    upload.send(form);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
