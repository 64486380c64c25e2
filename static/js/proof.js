// Solves the page's proof of work while the form is being filled in. Without it the form is sent all the same, under a
// stricter limit.
"use strict";

for (const field of document.querySelectorAll("[data-challenge]")) {
  const { algorithm, challenge, salt, signature } = field.dataset;
  const status = field.form.querySelector("[data-proof-status]");
  const worker = new Worker(field.dataset.worker);
  let waiting = null;
  let solved = false;

  const finish = (number) => {
    solved = true;
    worker.terminate();
    if (number !== null) field.value = btoa(JSON.stringify({ algorithm, challenge, salt, signature, number }));
    if (waiting) field.form.requestSubmit(waiting.submitter);
  };
  worker.addEventListener("message", ({ data }) => finish(data));
  worker.addEventListener("error", () => finish(null));
  worker.postMessage({ challenge, salt, max: Number(field.dataset.max) });

  field.form.addEventListener("submit", (event) => {
    if (solved) return;
    event.preventDefault();
    waiting = event;
    status.textContent = status.dataset.text;
    status.hidden = false;
  });
}
