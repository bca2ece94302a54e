/* Everything works without this file; it only smooths the way. */
(() => {
  "use strict";
  const body = document.body;

  // A second tap on a form that is already on its way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    form.querySelectorAll(".button").forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll(".button").forEach((button) => button.removeAttribute("aria-disabled"));
    });
  });

  // What was typed before htmx listened is searched once it does.
  body.addEventListener("htmx:load", ({ target }) => {
    target.querySelectorAll("[hx-trigger*=typed]").forEach((field) => {
      if (field.value !== field.defaultValue) window.htmx.trigger(field, "typed");
    });
    // How much was found is said aloud; the list itself would be too long to be read out.
    if (target.id === "results") document.getElementById("said").textContent = target.querySelector("h2").textContent;
  });

  // A board that cannot be refreshed says so until it can.
  body.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    const board = target.closest("[data-board]");
    if (!board) return;
    const status = detail.xhr ? detail.xhr.status : 0;
    board.toggleAttribute("data-stale", !(status === 304 || (status >= 200 && status < 300)));
  });

  // What did not get through says so, and what was typed stays. A poll tries again by itself.
  const notSent = ({ target }) => {
    if (target.closest("[hx-trigger*=every]")) return;
    const flash = document.getElementById("flash");
    flash.replaceChildren(document.getElementById("not-sent").content.cloneNode(true));
    flash.scrollIntoView();
  };
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => body.addEventListener(name, notSent));

  // A form outlives a sign-in in another tab: the answer to the outdated token carries a fresh one.
  body.addEventListener("token", ({ detail }) => {
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = detail.value; });
  });

  // What a browser may lack shows only where it works.
  const wake = (root) => {
    const offer = (name, works, act) => root.querySelectorAll(`[data-${name}]`).forEach((button) => {
      button.hidden = !works;
      button.addEventListener("click", () => act(button));
    });
    offer("print", true, () => print());
    offer("copy", navigator.clipboard, (button) => navigator.clipboard.writeText(button.dataset.copy)
      .then(() => { button.textContent = button.dataset.done; }));
    offer("share", navigator.share, (button) => navigator.share({ title: document.title, url: button.dataset.share })
      .catch(() => {}));
    offer("near", navigator.geolocation, (button) => {
      const refused = document.querySelector("[data-near-refused]");
      button.setAttribute("aria-disabled", "true");
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        const url = new URL(button.dataset.near, location);
        if (url.pathname === location.pathname) url.search = location.search; // what was searched for stays
        url.searchParams.delete("page");
        url.searchParams.set("near", `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`); // about 100 m
        url.hash = "results";
        location.assign(url);
      }, () => {
        button.removeAttribute("aria-disabled");
        refused.hidden = false;
      }, { timeout: 10000, maximumAge: 300000 });
    });
    root.querySelectorAll("[autocomplete=one-time-code]").forEach(awaitCode);
  };

  // The last digit of a code sends it; a browser that reads it from the message (WebOTP) types it by itself.
  const send = (field) => { if (/^\d{6}$/.test(field.value.trim())) field.form.requestSubmit(); };
  const isCode = (field) => field.matches("[autocomplete=one-time-code]");
  body.addEventListener("input", ({ target }) => { if (isCode(target)) send(target); });
  const awaitCode = (field) => {
    if (!window.OTPCredential) return;
    navigator.credentials.get({ otp: { transport: ["sms"] } })
      .then(({ code }) => { if (field.isConnected) { field.value = code; send(field); } })
      .catch(() => {});
  };
  wake(document);
  // A page that was put in place without loading a document: the reader stands at its beginning.
  body.addEventListener("htmx:afterSwap", ({ target }) => {
    if (target !== body) return;
    wake(body);
    if (document.activeElement === body) document.getElementById("main").focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-near]").forEach((button) => button.removeAttribute("aria-disabled")));

  // A page that can be read without network has itself kept; sw.js does it, and this is how the worker comes to be.
  const { serviceWorker } = navigator;
  if (serviceWorker && document.getElementById("as-of")) {
    window.addEventListener("load", () => serviceWorker.register("/sw.js").then(() => serviceWorker.ready)
      .then(({ active }) => {
        const done = new MessageChannel();
        done.port1.onmessage = () => { document.documentElement.dataset.kept = "1"; };
        active.postMessage("keep", [done.port2]);
      }).catch(() => {})); // without it the page works as before, online
  }

  // A map that moves is heavier than all the rest of its page: its files come when it is asked for.
  const later = document.querySelector("[data-later]");
  const add = (name, facts) => new Promise((done) => {
    document.head.append(Object.assign(document.createElement(name), facts, { onload: done, onerror: done }));
  });
  const load = async () => {
    later.hidden = true;
    const urls = later.dataset.later.split(" ");
    // the style first, or what the script draws would move once it comes
    await Promise.all(urls.filter((url) => url.includes(".css")).map((href) => add("link", { rel: "stylesheet", href })));
    urls.filter((url) => url.includes(".js")).forEach((src) => add("script", { src, async: false }));
  };
  if (later) {
    later.style.visibility = "visible";
    later.addEventListener("click", load);
  }

  // A leader holds a code up for minutes: the screen stays on.
  const awake = () => {
    if (document.querySelector("[data-awake]") && navigator.wakeLock && !document.hidden) {
      navigator.wakeLock.request("screen").catch(() => {});
    }
  };
  document.addEventListener("visibilitychange", awake);
  awake();

  // A form that came back with errors says so in the title.
  body.addEventListener("htmx:afterSwap", () => {
    const summary = document.querySelector(".summary[data-title]");
    if (summary && !document.title.startsWith(summary.dataset.title)) {
      document.title = `${summary.dataset.title}: ${document.title}`;
    }
  });
})();
