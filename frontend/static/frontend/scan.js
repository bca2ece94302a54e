/* The scanner: codes are read by the camera or typed, kept in this phone, and sent when there is a network.

   Each scan has an id of its own and the time it was made, so it may be sent as often as need be: it counts once. */
(() => {
  "use strict";
  const box = document.querySelector("[data-scan]");
  const say = box.dataset;
  const list = document.getElementById("scans");
  const waiting = document.getElementById("waiting");
  const form = box.querySelector("form");
  const AGAIN = 15000; // ms between tries to send
  const SAME = 8000; // ms during which the camera sees one and the same code
  const A_BATCH = 100;

  // --- what is kept in this phone
  const opened = new Promise((done, failed) => {
    const asked = indexedDB.open("post", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("scans", { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const store = async (mode, act) => {
    const change = (await opened).transaction("scans", mode);
    const asked = act(change.objectStore("scans"));
    return new Promise((done, failed) => {
      change.oncomplete = () => done(asked && asked.result);
      change.onerror = change.onabort = () => failed(change.error);
    });
  };
  const kept = async () => (await store("readonly", (rows) => rows.getAll()))
    .filter((scan) => scan.send === say.send).sort((a, b) => a.at.localeCompare(b.at));

  // --- what is shown
  const line = (scan, words, tone) => {
    const row = document.getElementById(scan.id) || list.insertBefore(document.createElement("li"), list.firstChild);
    const time = new Date(scan.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
    row.id = scan.id;
    row.className = `flash flash--${tone}`;
    row.textContent = `${time} ${scan.step === "left" ? say.left : say.arrived} · ${words}`;
  };
  const count = async () => {
    const rows = await kept();
    waiting.hidden = !rows.length;
    waiting.textContent = say.waiting.replace("0", rows.length);
    rows.forEach((scan) => line(scan, say.kept, "warning"));
  };

  // --- what is sent
  const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || "";
  let sending = false;
  const send = async () => {
    const rows = (await kept()).slice(0, A_BATCH);
    if (!rows.length || sending || !navigator.onLine) return;
    sending = true;
    try {
      const answer = await fetch(say.send, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ scans: rows.map(({ id, step, at, shown }) => ({ id, step, at, shown })) }),
      });
      document.getElementById("signed-out").hidden = ![401, 403].includes(answer.status);
      if (!answer.ok) return;
      for (const heard of (await answer.json()).scans) {
        await store("readwrite", (all) => all.delete(heard.id));
        line(rows.find((scan) => scan.id === heard.id), heard.words, heard.tone);
      }
    } catch {
      // no network after all: later
    } finally {
      sending = false;
    }
    await count();
    if (rows.length === A_BATCH) await send();
  };

  const seen = new Map();
  const take = async (shown) => {
    const step = form.elements.step.value;
    const now = Date.now();
    if (now - (seen.get(step + shown) || 0) < SAME) return;
    seen.set(step + shown, now);
    await store("readwrite", (all) => all.put({
      id: crypto.randomUUID ? crypto.randomUUID() : uuid(), send: say.send, step, shown, at: new Date().toISOString(),
    }));
    if (navigator.vibrate) navigator.vibrate(80);
    await count();
    await send();
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
        if (code && code.rawValue.includes("/w/")) await take(code.rawValue);
      }, 300);
    } catch {
      button.hidden = true;
      document.getElementById("no-camera").hidden = false;
    }
  });

  window.addEventListener("online", send);
  setInterval(send, AGAIN);
  count().then(send);
})();
