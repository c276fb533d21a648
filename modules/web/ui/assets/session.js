// The session of this browser.
//
// Over https, and on this machine, the refresh token is in a cookie that no script can read, and the access token in memory
// alone; localStorage only remembers the name of who is signed in, for the other tabs and the next visit. Elsewhere there can be no such
// cookie: then both tokens are in sessionStorage, which ends with the tab. The page's policy allows no foreign script.

const key = "fiapx.session";
let current = read();
const listeners = new Set();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? localStorage.getItem(key));
  } catch {
    return null;
  }
}

export const session = () => current;

export function keep(next) {
  current = next && { ...current, ...next };
  sessionStorage.removeItem(key);
  localStorage.removeItem(key);
  if (current?.refresh) sessionStorage.setItem(key, JSON.stringify(current));
  else if (current) localStorage.setItem(key, JSON.stringify({ user: { full_name: current.user?.full_name }, admin: current.admin }));
  tell();
}

function tell() {
  for (const listener of listeners) listener(current);
}

// Another tab signed in or out; what it stores has no token.
addEventListener("storage", (event) => {
  if (event.key !== key || event.storageArea !== localStorage || current?.refresh) return;
  const next = read();
  if (Boolean(next) === Boolean(current)) return;
  current = next;
  tell();
});

export const onSession = (listener) => listeners.add(listener);

// fromTokens turns an answer of login or refresh into what keep stores; a minute of slack renews before the expiry.
export function fromTokens(data) {
  const kept = { access: data.access_token, until: Date.now() + (data.expires_in - 60) * 1000 };
  if (data.refresh_token) kept.refresh = data.refresh_token;
  if (data.user) kept.user = data.user;
  kept.admin = scopes(data.access_token).includes("admin");
  return kept;
}

// scopes only decide what is shown: the server judges each request by itself.
function scopes(access) {
  try {
    const claims = access.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return (JSON.parse(atob(claims)).scope ?? "").split(" ");
  } catch {
    return [];
  }
}
