/* Does the work that a form was asked for, and sends the form again. Without it the sentence on the page says what to do. */
(() => {
  "use strict";
  const BATCH = 256;
  const box = document.querySelector("[data-proof]");
  if (!box || box.dataset.begun || !window.crypto || !crypto.subtle) return;
  box.dataset.begun = "1";
  const said = box.querySelector("[data-working]");
  const button = box.closest("form").querySelector("[type=submit]");
  const text = new TextEncoder();

  const begins = (digest) => new DataView(digest).getUint32(0);
  const hex = (digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const solve = async ({ algorithm, challenge, salt, maxNumber }) => {
    const wanted = parseInt(challenge.slice(0, 8), 16);
    for (let first = 0; first <= maxNumber; first += BATCH) {
      const tries = Array.from({ length: BATCH }, (_, n) => crypto.subtle.digest(algorithm, text.encode(salt + (first + n))));
      const digests = await Promise.all(tries);
      const at = digests.findIndex((digest) => begins(digest) === wanted && hex(digest) === challenge);
      if (at >= 0) return first + at;
    }
    return null;
  };

  said.textContent = said.dataset.working;
  const asked = JSON.parse(box.dataset.proof);
  solve(asked).then((number) => {
    if (number === null || !box.isConnected) return;
    const { algorithm, challenge, salt, signature } = asked;
    box.querySelector("[name=proof]").value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    said.textContent = said.dataset.done;
    button.click();
  });
})();
