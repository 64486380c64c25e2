// Counts seconds down. The server has said how many are left, so the clock of the device does not matter.
"use strict";

for (const element of document.querySelectorAll("[data-countdown]")) start(element);
document.addEventListener("replaced", (event) => {
  for (const element of event.target.querySelectorAll("[data-countdown]")) start(element);
});

function start(element) {
  const ends = performance.now() + Number(element.dataset.countdown) * 1000;
  element.hidden = false;
  const timer = setInterval(tick, 1000);
  tick();

  function tick() {
    if (!element.isConnected) {
      clearInterval(timer);
      return;
    }
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (left > 0) {
      element.textContent = element.dataset.pattern.replace("{time}", clock(left));
      return;
    }
    clearInterval(timer);
    finish(element);
  }
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// The end is announced, the seconds before are not; what stood there until then is hidden or set free.
function finish(element) {
  const { over, ends, frees } = element.dataset;
  if (ends) for (const old of document.querySelectorAll(ends)) old.hidden = true;
  if (frees) document.querySelector(frees)?.classList.remove("button--waiting");
  element.setAttribute("aria-live", "polite");
  element.textContent = over;
}
