// Takes the PIN out of the SMS where the browser offers it (WebOTP); elsewhere autocomplete="one-time-code" does.
"use strict";

const input = document.querySelector("[autocomplete='one-time-code']");

if (input && "OTPCredential" in window) {
  const given = new AbortController();
  input.form.addEventListener("submit", () => given.abort());
  navigator.credentials
    .get({ otp: { transport: ["sms"] }, signal: given.signal })
    .then((credential) => {
      input.value = credential.code;
      input.form.requestSubmit();
    })
    .catch(() => {
      // Refused, or typed by hand meanwhile.
    });
}
