// Tries numbers until the SHA-256 digest of the salt with the number behind it is the challenge; answers the number, or
// null where there is none or the browser can't compute digests.
"use strict";

addEventListener("message", async ({ data: { challenge, salt, max } }) => {
  if (!globalThis.crypto?.subtle) return postMessage(null);
  const encoder = new TextEncoder();
  const wanted = challenge.match(/../g).map((pair) => parseInt(pair, 16));
  for (let number = 0; number <= max; number += 1) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(salt + number)));
    if (wanted.every((byte, place) => byte === digest[place])) return postMessage(number);
  }
  return postMessage(null);
});
