// Keeps the parts of a page that tell what became of a message up to date, until nothing more can become of it.
"use strict";

const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 20000;

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const watched = document.querySelector("[data-watch]");
  const latest = page.getElementById(watched.id);
  if (!latest || latest.innerHTML === watched.innerHTML) return;
  watched.replaceWith(latest);
  // What follows from it changes only together with it, so that nobody's countdown jumps.
  for (const old of document.querySelectorAll("[data-follows]")) {
    const next = page.getElementById(old.id);
    if (!next) continue;
    old.replaceWith(next);
    next.dispatchEvent(new CustomEvent("replaced", { bubbles: true }));
  }
}

async function watch(pause) {
  const watched = document.querySelector("[data-watch]");
  if (!watched || watched.hasAttribute("data-settled")) return;
  try {
    await look();
  } catch {
    // The network may be away for a moment: the next look finds it.
  }
  wait(Math.min(pause * 1.5, LONGEST_PAUSE));
}

// The longer nothing happens, the less often it is asked for.
function wait(pause) {
  setTimeout(() => watch(pause), pause);
}

wait(FIRST_PAUSE);
