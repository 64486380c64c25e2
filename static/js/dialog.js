// A button that sends a form where there is no script opens a dialog where there is one.
"use strict";

// Milliseconds in which a second click still belongs to the first.
const DOUBLE_CLICK = 500;

for (const button of document.querySelectorAll("[data-opens]")) {
  const dialog = document.getElementById(button.dataset.opens);
  if (!dialog?.showModal) continue;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
    // The attempt keeps that somebody disagreed, as it does without this script.
    fetch(location.pathname, { method: "POST", body: new FormData(button.form, button), redirect: "manual" }).catch(() => {});
  });
  // The second half of a double click on its button would press whatever lies beneath the dialog.
  dialog.addEventListener("submit", () => {
    const swallow = (event) => {
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener("click", swallow, { capture: true });
    setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), DOUBLE_CLICK);
  });
}
