/* A scanned certificate: what its code says, behind the #, must be what was signed. It does not leave this browser. */
(async () => {
  "use strict";
  const shown = location.hash.slice(1);
  const says = document.getElementById("says");
  if (!shown || !window.crypto.subtle) return;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(shown)));
  const hex = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const genuine = hex === says.dataset.signed;
  if (genuine) {
    const bytes = Uint8Array.from(atob(shown.split(".")[0].replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
    document.getElementById("name").textContent = JSON.parse(new TextDecoder().decode(bytes)).name;
  }
  document.getElementById(genuine ? "genuine" : "forged").hidden = false;
  says.hidden = !genuine;
})();
