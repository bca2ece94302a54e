/* Maps of the desk that zoom and move, loaded by app.js once they are asked for. Without a tile server they are schematic. */
(() => {
  "use strict";
  const L = window.L;
  const element = document.querySelector("[data-map]");
  if (!L || !element) return;
  element.hidden = false;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const read = (id) => { const found = document.getElementById(id); return found ? JSON.parse(found.textContent) : []; };
  const map = L.map(element, { attributionControl: Boolean(element.dataset.tiles), scrollWheelZoom: false, zoomSnap: .25 });
  map.setView([37.862, 112.549], 10.5); // the middle of Taiyuan
  if (map.attributionControl) map.attributionControl.setPrefix(false);
  if (element.dataset.tiles) L.tileLayer(element.dataset.tiles, { maxZoom: 18, attribution: element.dataset.credit }).addTo(map);

  const text = (words) => { const span = document.createElement("span"); span.textContent = words; return span; };

  // Where a fleet stands: pressed on the map, or typed.
  const at = ["latitude", "longitude"].map((name) => document.querySelector(`[name=${name}]`));
  if (element.dataset.map === "pick") {
    read("map-places").forEach((place) => L.circleMarker(place.at, { radius: 4, weight: 1, color: colour("--edge"), fillOpacity: .5, bubblingMouseEvents: true })
      .bindTooltip(text(place.name), { permanent: true, direction: "right", className: "map__place" }).addTo(map));
    const mark = L.circleMarker([0, 0], { radius: 9, weight: 3, color: colour("--brand"), fillOpacity: .35 });
    const show = () => {
      const typed = at.map((field) => parseFloat(field.value));
      if (typed.every(Number.isFinite)) { mark.setLatLng(typed).addTo(map); return typed; }
      mark.remove();
      return null;
    };
    at.forEach((field) => field.addEventListener("input", show));
    map.on("click", ({ latlng }) => {
      at[0].value = latlng.lat.toFixed(5);
      at[1].value = latlng.lng.toFixed(5);
      show();
    });
    const known = show();
    if (known) map.setView(known, 12);
    return;
  }

  const bases = L.layerGroup().addTo(map);
  const needs = L.layerGroup().addTo(map);
  read(element.dataset.bases).forEach((base) => L.circleMarker(base.at, { radius: 3.5, weight: 1, color: colour("--edge"), fillColor: colour("--edge"), fillOpacity: .55 })
    .bindTooltip(text(`${base.name} · ${base.drivers}`)).addTo(bases));
  const shade = ["--good", "--calm", "--warn", "--bad"];
  const draw = () => {
    needs.clearLayers();
    read("map-points").forEach((point) => {
      const tone = colour(shade[point.urgency]);
      L.polyline([point.at, point.to], { color: tone, weight: 2, opacity: .55, dashArray: "4 6" }).addTo(needs);
      L.circleMarker(point.at, { radius: 7 + Math.sqrt(point.left) * 1.6, weight: 2, color: tone, fillColor: tone, fillOpacity: .35 })
        .bindTooltip(text(`${point.name} · ${point.left}`))
        .on("click", () => { const row = document.getElementById(`need-${point.id}`); if (row) { row.scrollIntoView({ block: "center" }); row.focus(); } })
        .addTo(needs);
    });
  };
  const around = read("map-points").flatMap((point) => [point.at, point.to]);
  if (around.length) map.fitBounds(around, { padding: [24, 24], maxZoom: 13 });
  draw();
  document.body.addEventListener("htmx:afterSwap", draw);
})();
