// Every page: show what went wrong, guard against sending twice, let a password be seen. Nothing depends on it.
"use strict";

const RETRY_AFTER_MS = 20000;

document.querySelector("[data-focus]")?.focus();

// A button stays enabled, so that its name and value are sent; only the second sending is stopped.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  hidePasswords(form);
  form.dataset.sent = "true";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form), RETRY_AFTER_MS);
});

// The back button may bring the page back as it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) release(form);
});

for (const button of document.querySelectorAll("[data-shows]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const input = document.getElementById(button.dataset.shows);
    setShown(button, input.type === "password");
    input.focus();
  });
}

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

function hidePasswords(form) {
  for (const button of form.querySelectorAll("[data-shows]")) setShown(button, false);
}

function setShown(button, shown) {
  document.getElementById(button.dataset.shows).type = shown ? "text" : "password";
  button.firstElementChild.textContent = shown ? button.dataset.hide : button.dataset.show;
}
