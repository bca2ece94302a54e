/* Who ticks it says with her arrival where her phone is; without an answer in five seconds she arrives without. */
(() => {
  "use strict";
  const offer = document.querySelector("[data-position]");
  if (!offer || !navigator.geolocation) return;
  const form = offer.closest("form");
  const box = offer.querySelector("input");
  offer.hidden = false;
  form.addEventListener("submit", (event) => {
    if (!box.checked) return;
    event.preventDefault();
    event.stopPropagation();
    const { submitter } = event;
    const go = () => { box.checked = false; form.requestSubmit(submitter); };
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      form.elements.near.value = `${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`;
      go();
    }, go, { timeout: 5000, maximumAge: 60000 });
  });
})();
