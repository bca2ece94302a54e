/* The scanner: codes are read by the camera or typed, and given to queue.js. */
(() => {
  "use strict";
  const box = document.querySelector("[data-scan]");
  const say = box.dataset;
  const list = document.getElementById("scans");
  const waiting = document.getElementById("waiting");
  const form = box.querySelector("form");
  const SAME = 8000; // ms during which the camera sees one and the same code
  const LONGEST = 300; // signs of a code: longer ones are not ours

  // --- what is shown
  const line = (scan, words, tone) => {
    const row = document.getElementById(scan.id) || list.insertBefore(document.createElement("li"), list.firstChild);
    const time = new Date(scan.at).toLocaleTimeString("zh-CN", {
      hour: "2-digit", minute: "2-digit", hour12: false, timeZone: say.zone,
    });
    row.id = scan.id;
    row.className = `flash flash--${tone}`;
    row.textContent = `${time} ${scan.step === "left" ? say.left : say.arrived} · ${words}`;
  };
  window.queue.hear((rows, heard, status) => {
    waiting.hidden = !rows.length;
    waiting.textContent = say.waiting.replace("0", rows.length);
    rows.filter((scan) => scan.send === say.send).forEach((scan) => line(scan, say.kept, "warning"));
    heard.filter(({ scan }) => scan.send === say.send).forEach(({ scan, words, tone }) => line(scan, words, tone));
    const isOut = [401, 403].includes(status);
    document.getElementById("signed-out").hidden = !isOut;
    // what is refused as a whole stays in the phone, and she who keeps the list hears of it
    document.getElementById("not-taken").hidden = status < 400 || isOut || status >= 500;
  });

  const seen = new Map();
  const take = async (shown) => {
    const step = form.elements.step.value;
    const now = Date.now();
    if (now - (seen.get(step + shown) || 0) < SAME) return;
    seen.set(step + shown, now);
    const id = crypto.randomUUID ? crypto.randomUUID() : uuid();
    if (navigator.vibrate) navigator.vibrate(80);
    await window.queue.keep({ id, send: say.send, step, shown, at: new Date().toISOString() });
  };
  const uuid = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (sign) => // where crypto has none: plain http
    (sign ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (sign / 4)))).toString(16));

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const digits = form.elements.shown.value.replace(/\D/g, "");
    form.elements.shown.setAttribute("aria-invalid", String(digits.length !== 6));
    document.getElementById("not-six").hidden = digits.length === 6;
    if (digits.length !== 6) return form.elements.shown.focus();
    form.elements.shown.value = "";
    await take(digits);
  });

  // --- the camera, where the browser can read codes
  const camera = document.getElementById("camera");
  const button = document.getElementById("camera-on");
  button.hidden = !("BarcodeDetector" in window && navigator.mediaDevices);
  document.getElementById("no-camera").hidden = !button.hidden;
  button.addEventListener("click", async () => {
    try {
      const reader = new window.BarcodeDetector({ formats: ["qr_code"] });
      camera.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      await camera.play();
      camera.hidden = false;
      button.hidden = true;
      setInterval(async () => {
        const [code] = await reader.detect(camera).catch(() => []);
        if (code && code.rawValue.includes("/w/") && code.rawValue.length <= LONGEST) await take(code.rawValue);
      }, 300);
    } catch {
      button.hidden = true;
      document.getElementById("no-camera").hidden = false;
    }
  });
})();
