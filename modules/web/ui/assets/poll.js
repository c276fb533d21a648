// Repeats an update until the view is left: every second while something runs, else every ten, and never in a hidden tab.

import { toast } from "./dom.js";

const quick = 1000, calm = 10000;

// poll starts as soon as its caller has the function that it gives, which brings the next update forward.
export function poll(signal, update) {
  let timer = 0, running = false, again = false, complained = false;

  async function turn() {
    clearTimeout(timer);
    if (signal.aborted || document.hidden) return;
    if (running) { again = true; return; }
    running = true;
    let wait = calm;
    try {
      wait = (await update()) ? quick : calm;
      complained = false;
    } catch (problem) {
      if (!complained && problem.status !== 401) toast(problem.message, true);
      complained = true; // once is enough: the next successful update speaks for itself
    }
    running = false;
    if (signal.aborted) return;
    timer = setTimeout(turn, again ? 0 : wait);
    again = false;
  }

  document.addEventListener("visibilitychange", turn, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  queueMicrotask(turn);
  return turn;
}
