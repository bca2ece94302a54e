/* The board and its proposals by keyboard, and what was chosen outlives a refresh. Everything works without. */
(() => {
  "use strict";
  const body = document.body;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const rows = () => all("[data-row]").filter((row) => row.checkVisibility());
  const boxes = () => all("[type=checkbox][name=task_ids]");

  // What is chosen, and how many vehicles it needs. It outlives refreshes, filters and pages until it is proposed.
  const form = document.getElementById("choose");
  const said = document.querySelector("[data-chosen]");
  const words = (name) => document.querySelector(`[${name}]`).content.textContent;
  const chosen = new Map(JSON.parse((form && sessionStorage.getItem(form.dataset.keep)) || "[]"));
  const show = () => {
    if (!said) return;
    boxes().forEach((box) => {
      if (box.disabled) chosen.delete(box.value);
      box.checked = chosen.has(box.value);
      if (box.checked) chosen.set(box.value, Number(box.dataset.left));
    });
    const listed = new Set(boxes().map((box) => box.value));
    const elsewhere = [...chosen.keys()].filter((id) => !listed.has(id));
    document.querySelector("[data-elsewhere]").replaceChildren(...elsewhere.map((id) => {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "task_ids", value: id });
      return field;
    }));
    const vehicles = [...chosen.values()].reduce((sum, left) => sum + left, 0);
    const all = words("data-words").replace("{needs}", chosen.size).replace("{vehicles}", vehicles);
    const rest = elsewhere.length ? words("data-words-elsewhere").replace("{n}", elsewhere.length) : "";
    said.textContent = chosen.size ? all + rest : words("data-none");
    document.querySelector("[data-let-go]").hidden = !chosen.size;
    sessionStorage.setItem(form.dataset.keep, JSON.stringify([...chosen]));
  };
  const note = () => {
    boxes().forEach((box) => { if (box.checked) chosen.set(box.value, 0); else chosen.delete(box.value); });
    show();
  };
  if (form) {
    form.addEventListener("change", note);
    body.addEventListener("htmx:afterSwap", show);
    addEventListener("pageshow", show); // a browser ticks boxes again by itself when one goes back
    all("[data-let-go]").forEach((button) => button.addEventListener("click", () => { chosen.clear(); show(); }));
  } else Object.keys(sessionStorage).filter((key) => key.startsWith("chosen-")).forEach((key) => sessionStorage.removeItem(key));

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
  const press = (selector) => {
    const row = here();
    const button = row && row.querySelector(selector);
    if (button) button.click();
  };
  const everything = () => {
    const open = boxes().filter((box) => !box.disabled);
    const check = open.some((box) => !box.checked);
    open.forEach((box) => { box.checked = check; });
    note();
  };
  const keys = {
    j: () => go(1),
    k: () => go(-1),
    x: () => press("[name=task_ids], [data-pin]"),
    d: () => press("[data-strike]"),
    a: everything,
    l: () => press("[data-lock]"),
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
    if (act && event.repeat) return;
    if (act && "twice" in act.dataset && document.activeElement !== act) {
      act.focus();
      document.querySelector("[data-again]").textContent = words("data-again-words");
    } else if (act) act.click();
    else keys[event.key]();
  });

  all("[data-twice]").forEach((button) => button.addEventListener("blur", () => {
    document.querySelector("[data-again]").textContent = "";
  }));

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

  // What was decided of a row leads back to it.
  if (location.hash.startsWith("#a-")) {
    const row = document.getElementById(location.hash.slice(1));
    if (row) row.focus();
  }
})();
