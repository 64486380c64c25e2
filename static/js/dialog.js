// A button that sends a form where there is no script opens a dialog where there is one.
"use strict";

for (const button of document.querySelectorAll("[data-opens]")) {
  const dialog = document.getElementById(button.dataset.opens);
  if (!dialog?.showModal) continue;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
    // The attempt keeps that somebody disagreed, as it does without this script.
    fetch(location.pathname, { method: "POST", body: new FormData(button.form, button), redirect: "manual" }).catch(() => {});
  });
}
