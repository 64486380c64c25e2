// Ticks the password's rules off while it is typed. The server checks them again, and alone decides.
"use strict";

const LEAST_FRAGMENT = 4;
const LONGEST = 128;
const QUIET_MS = 800;

const list = document.querySelector("[data-rules]");
if (list) watch(list);

function watch(list) {
  const [first, second] = ["id_password1", "id_password2"].map((id) => document.getElementById(id));
  const least = Number(list.dataset.least);
  const fragments = list.dataset.fragments.split("|").map(fold).filter((word) => word.length >= LEAST_FRAGMENT);
  const said = list.parentElement.querySelector("[data-said]");
  const checks = {
    length: () => first.value.length >= least && first.value.length <= LONGEST,
    alphabet: () => /^[!-~](?:[ -~]*[!-~])?$/.test(first.value),
    personal: () => !fragments.some((word) => fold(first.value).includes(word)),
    same: () => first.value === second.value,
  };
  let quiet;

  function update() {
    for (const item of list.querySelectorAll("[data-rule]")) {
      const check = checks[item.dataset.rule];
      const empty = !first.value || (item.dataset.rule === "same" && !second.value);
      if (!check || empty) delete item.dataset.met;
      else item.dataset.met = String(check());
      item.querySelector("[data-word]").textContent = list.dataset[{ true: "met", false: "unmet" }[item.dataset.met]] ?? "";
    }
    clearTimeout(quiet);
    quiet = setTimeout(announce, QUIET_MS);
  }

  function announce() {
    const open = [...list.querySelectorAll('[data-met="false"] [data-text]')].map((text) => text.textContent.trim());
    said.textContent = open.length ? `${list.dataset.unmet}: ${open.join(". ")}` : "";
  }

  for (const input of [first, second]) input.addEventListener("input", update);
  for (const button of document.querySelectorAll("[data-takes]")) offer(button, [first, second]);
  update();
}

// Fills both fields with the suggested password, which stays in view above.
function offer(button, inputs) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const input of inputs) {
      input.value = document.getElementById(button.dataset.takes).textContent;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    inputs[0].focus();
  });
}

// As accounts.passwords.fold does it: lower case, no accents, one sigma.
function fold(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/ς/g, "σ");
}
