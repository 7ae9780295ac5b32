// The map of tiles is one stop of the tab key; arrows walk to the nearest tile that way, and each tile's details are told below.
"use strict";
const map = document.getElementById("map-tiles");
const told = document.getElementById("map-told");
const tiles = map ? [...map.querySelectorAll("g[data-row]")] : [];
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const place = (tile) => [Number(tile.dataset.row), Number(tile.dataset.column)];

function nearest(tile, [down, right]) {
  const [row, column] = place(tile);
  let found, least = Infinity;
  for (const other of tiles) {
    const [r, c] = place(other);
    const ahead = (r - row) * down + (c - column) * right;
    const aside = Math.abs((r - row) * right) + Math.abs((c - column) * down);
    // one that stands a little aside is farther than one straight ahead, also over a gap
    if (ahead > 0 && ahead + 3 * aside < least) [found, least] = [other, ahead + 3 * aside];
  }
  return found;
}

function choose(tile) {
  for (const other of tiles) other.setAttribute("tabindex", other === tile ? "0" : "-1");
  told.textContent = tile.getAttribute("aria-label");
}

for (const tile of tiles) {
  tile.addEventListener("focus", () => choose(tile));
  tile.addEventListener("click", () => tile.focus());
  tile.addEventListener("keydown", (event) => {
    const next = STEPS[event.key] && nearest(tile, STEPS[event.key]);
    if (STEPS[event.key]) event.preventDefault();
    if (next) next.focus();
  });
}
