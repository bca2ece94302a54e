/* A long list of ticks is narrowed by a word, and ticked or cleared at once; what is hidden keeps its tick. */
(() => {
  "use strict";
  const pick = (tools) => {
    const search = tools.querySelector("input");
    const rows = [...tools.parentElement.querySelectorAll("label")].filter((row) => row.control.type === "checkbox");
    const count = () => { tools.querySelector("b").textContent = rows.filter((row) => row.control.checked).length; };
    const tick = (name, checked) => tools.querySelector(name).addEventListener("click", () => {
      rows.filter((row) => !row.hidden).forEach((row) => { row.control.checked = checked; });
      count();
    });
    tick("[data-pick-all]", true);
    tick("[data-pick-none]", false);
    search.addEventListener("input", () => {
      const word = search.value.trim().toLowerCase();
      rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(word); });
    });
    search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    tools.parentElement.addEventListener("change", count);
    tools.hidden = false;
    count();
  };
  document.body.addEventListener("htmx:load", ({ target }) => target.querySelectorAll("[data-pick]").forEach(pick));
})();
