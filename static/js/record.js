// Says while one types what the server will say of a mobile and an AMKA. Optional: the server checks everything.
"use strict";

(() => {
  const MOBILE = /^(?:\+|00)[0-9]{8,15}$/;

  const note = (field) => {
    const line = document.createElement("p");
    line.className = "check help";
    line.setAttribute("role", "status");
    field.closest("div").append(line);
    return line;
  };

  const say = (line, text, wrong) => {
    line.textContent = text || "";
    line.classList.toggle("wrong", Boolean(wrong));
  };

  const mobile = (field, line) => {
    const typed = field.value.replace(/[ ().\-]/g, "");
    if (!typed || field.value === field.defaultValue) return say(line, "");
    if (/^69[0-9]{8}$/.test(typed)) return say(line, field.dataset.prefix.replace("%(number)s", "+30" + typed));
    return MOBILE.test(typed) ? say(line, "") : say(line, field.dataset.wrong, true);
  };

  // Luhn's check (ISO/IEC 7812-1): every second digit from the right doubled.
  const fits = (digits) =>
    [...digits].reverse().reduce((sum, digit, place) => {
      const value = Number(digit) * (place % 2 ? 2 : 1);
      return sum + (value > 9 ? value - 9 : value);
    }, 0) % 10 === 0;

  const isDay = (digits) => {
    const [day, month, year] = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6)].map(Number);
    return ["19", "20"].some((century) => {
      const date = new Date(Number(century) * 100 + year, month - 1, day);
      return month > 0 && date.getMonth() === month - 1 && date.getDate() === day;
    });
  };

  const flaw = (digits, born, gender) => {
    if (!/^[0-9]{11}$/.test(digits)) return "digits";
    if (!isDay(digits)) return "date";
    if (!fits(digits)) return "checksum";
    if (born && digits.slice(0, 6) !== born.slice(8, 10) + born.slice(5, 7) + born.slice(2, 4)) return "birth";
    if ((gender === "1" || gender === "2") && (Number(digits[9]) % 2 === 1) !== (gender === "1")) return "gender";
    return "";
  };

  const amka = (field, line) => {
    const digits = field.value.replace(/[ .\-]/g, "");
    const kind = document.getElementById("id_insurance_kind");
    if (!digits || (kind && kind.value && kind.value !== "amka")) return say(line, "");
    const found = flaw(digits, document.getElementById("id_birth_date").value, document.getElementById("id_gender").value);
    return say(line, field.dataset[found || "right"], found);
  };

  const checks = { mobile, amka };
  for (const field of document.querySelectorAll("[data-check]")) {
    const line = note(field);
    const check = () => checks[field.dataset.check](field, line);
    field.form.addEventListener("input", check);
    field.form.addEventListener("change", check);
  }
})();
