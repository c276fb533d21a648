// The session of this tab.
//
// The access token lives in memory and, with the refresh token, in sessionStorage: a reload keeps the user signed in,
// closing the tab signs out, and no other tab or later visitor of the machine finds a token. localStorage would outlive
// the visit. The page's policy allows no foreign script, which is what could read either of them.

const key = "fiapx.session";
let current = read();
const listeners = new Set();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

export const session = () => current;

export function keep(next) {
  current = next && { ...current, ...next };
  if (current) sessionStorage.setItem(key, JSON.stringify(current));
  else sessionStorage.removeItem(key);
  for (const listener of listeners) listener(current);
}

export const onSession = (listener) => listeners.add(listener);

// fromTokens turns an answer of login or refresh into what keep stores; a minute of slack renews before the expiry.
export function fromTokens(data) {
  const kept = { access: data.access_token, until: Date.now() + (data.expires_in - 60) * 1000 };
  if (data.refresh_token) kept.refresh = data.refresh_token;
  if (data.user) kept.user = data.user;
  return kept;
}
