/* Scans that wait in this phone until there is a network. Any page with this file sends those of its reader.

   Each scan has an id of its own and the time it was made, so it may be sent as often as need be: it counts once. */
window.queue = (() => {
  "use strict";
  const box = document.querySelector("[data-owner]");
  const { owner } = box.dataset; // who is signed in, by a keyed hash: nobody sends what another person scanned
  const AGAIN = 15000; // ms between tries to send
  const A_BATCH = 100;
  const WORTHLESS = 86400000; // ms: later the server takes none
  const told = []; // who wants to hear: (waiting rows, what the server said of rows, its status)

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
  const kept = async () => {
    const rows = await store("readonly", (all) => all.getAll());
    const worthless = rows.filter((row) => row.owner !== owner && Date.now() - Date.parse(row.at) > WORTHLESS);
    for (const { id } of worthless) await store("readwrite", (all) => all.delete(id));
    return rows.filter((row) => row.owner === owner).sort((a, b) => a.at.localeCompare(b.at));
  };
  const tell = async (heard = [], status = 200) => {
    const rows = await kept();
    told.forEach((hear) => hear(rows, heard, status));
  };

  const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || "";
  const post = async (url, rows) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify({ scans: rows.map(({ id, step, at, shown }) => ({ id, step, at, shown })) }),
    });
    const heard = answer.ok ? (await answer.json()).scans : [];
    for (const { id } of heard) await store("readwrite", (all) => all.delete(id));
    await tell(heard.map((one) => ({ ...one, scan: rows.find(({ id }) => id === one.id) })), answer.status);
    return answer.ok;
  };
  let sending = false;
  const send = async () => {
    if (sending || !navigator.onLine) return;
    sending = true;
    try {
      const rows = await kept();
      for (const url of new Set(rows.map((row) => row.send))) {
        const own = rows.filter((row) => row.send === url);
        while (own.length && await post(url, own.splice(0, A_BATCH)));
      }
    } catch {
      // no network after all: later
    } finally {
      sending = false;
    }
  };

  const keep = async (row) => {
    await store("readwrite", (all) => all.put({ ...row, owner }));
    await tell();
    await send();
  };
  // a page that only says how many wait, and where they are seen
  const said = document.querySelector("[data-unsent]");
  if (said) {
    told.push((rows) => {
      said.hidden = !rows.length;
      said.querySelector("b").textContent = rows.length;
      if (rows.length) said.querySelector("a").href = rows[0].send.replace(/scans\/$/, "scan/");
    });
  }
  addEventListener("online", send);
  addEventListener("load", () => tell().then(send));
  setInterval(send, AGAIN);
  return { keep, hear: (whoever) => told.push(whoever) };
})();
