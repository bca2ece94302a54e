/* The board and its proposals by keyboard, and what was chosen outlives a refresh. Everything works without. */
(() => {
  "use strict";
  const body = document.body;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const rows = () => all("[data-row]").filter((row) => row.checkVisibility());
  const boxes = () => all("[name=task_ids]");

  // What is chosen, and how many vehicles it needs.
  const said = document.querySelector("[data-chosen]");
  const count = () => {
    if (!said) return;
    const chosen = boxes().filter((box) => box.checked);
    const vehicles = chosen.reduce((sum, box) => sum + Number(box.dataset.left), 0);
    const words = document.querySelector("[data-words]").content.textContent;
    said.textContent = chosen.length ? words.replace("{needs}", chosen.length).replace("{vehicles}", vehicles) : document.querySelector("[data-none]").content.textContent;
  };
  body.addEventListener("change", count);

  let kept = [];
  body.addEventListener("htmx:beforeSwap", ({ target }) => {
    if (target.id === "board") kept = boxes().filter((box) => box.checked).map((box) => box.value);
  });
  body.addEventListener("htmx:afterSwap", () => {
    boxes().forEach((box) => { box.checked = !box.disabled && kept.includes(box.value); });
    count();
  });

  // Keys. They can be switched off, for those who speak or press keys by accident.
  const sheet = document.getElementById("keys");
  const on = document.getElementById("keys-on");
  on.checked = localStorage.getItem("keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  all("[data-keys]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => sheet.showModal());
  });

  const here = () => document.activeElement.closest("[data-row]");
  const go = (step) => {
    const list = rows();
    if (!list.length) return;
    const at = list.indexOf(here());
    const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + step, 0), list.length - 1)];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center" });
  };
  const choose = () => {
    const row = here();
    const box = row && row.querySelector("[name=task_ids]");
    if (box) box.click();
    else if (row && row.querySelector("form")) row.querySelector("form").requestSubmit();
  };
  const everything = () => {
    const open = boxes().filter((box) => !box.disabled);
    const check = open.some((box) => !box.checked);
    open.forEach((box) => { box.checked = check; });
    count();
  };
  const keys = {
    j: () => go(1),
    k: () => go(-1),
    x: choose,
    a: everything,
    l: () => { const row = here(); const lock = row && row.querySelector("[data-lock]"); if (lock) lock.click(); },
    "/": () => { const field = document.querySelector("[role=search] input"); if (field) field.focus(); },
    "?": () => sheet.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || sheet.open) return;
    if (event.key !== "?" && !on.checked) return;
    const { target } = event;
    if (target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === "Enter" && target.matches("[data-row]")) {
      const link = target.querySelector("h3 a");
      if (link) link.click();
      return;
    }
    const act = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!act && !keys[event.key]) return;
    event.preventDefault();
    if (act) act.click();
    else keys[event.key]();
  });

  // The seconds in which a dispatch can be taken back run down; then the page says that the messages have left.
  const undo = document.querySelector("[data-undo]");
  if (undo) {
    const until = Date.now() + 1000 * Number(undo.dataset.undo);
    const tick = setInterval(() => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left > 0) { undo.querySelector("[data-seconds]").textContent = left; return; }
      clearInterval(tick);
      location.replace(location.pathname);
    }, 250);
  }

  // A pin leads back to its row.
  if (location.hash.startsWith("#a-")) {
    const row = document.getElementById(location.hash.slice(1));
    if (row) row.focus();
  }
  count();
})();
