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
  const offer = (name, works, act) => document.querySelectorAll(`[data-${name}]`).forEach((button) => {
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
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-near]").forEach((button) => button.removeAttribute("aria-disabled")));

  // A form that came back with errors says so in the title.
  body.addEventListener("htmx:afterSwap", () => {
    const summary = document.querySelector(".summary[data-title]");
    if (summary && !document.title.startsWith(summary.dataset.title)) {
      document.title = `${summary.dataset.title}: ${document.title}`;
    }
  });
})();
