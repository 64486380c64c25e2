// The letter's QR code brings the reset code behind the address's "#", which no server ever sees: put it into the field.
"use strict";

const brought = decodeURIComponent(location.hash.slice(1));
const field = document.querySelector("input[name=code]");
if (brought && field && !field.value) {
  field.value = brought;
  history.replaceState(null, "", location.pathname);
}
