// Draws the board from one answer of the server; what is chosen stands behind the # of the address, so that Back brings it back.
"use strict";
const SIGNS = { u: "○", n: "0", a: "✓", p: "◐", h: "?", r: "✗", o: "!", e: "延", c: "·", s: "…" };
const COLOURS = { u: "#d5d9df", n: "#cfe3d4", a: "#57a773", p: "#b7cf5f", h: "#f0b429", r: "#c74634", o: "#8d1f2d", e: "#7f9fd1", c: "#e3efe6", s: "#c9c3e0" };
const place = document.getElementById("board");
const choice = document.getElementById("choice");
const counts = document.getElementById("counts");
const language = document.documentElement.lang;
let data, stateOf;

fetch(place.dataset.source)
  .then((answer) => {
    if (answer.status === 401) location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  })
  .then((found) => {
    data = found;
    stateOf = Object.fromEntries(Object.entries(data.letters).map(([state, letter]) => [letter, state]));
    data.tables.forEach((table) => { if (!table[1]) table[1] = data.words.board_whole_file; });
    fill(choice.day, data.days.map(([day, works]) => [day, works ? day : `${day} ${data.words.board_rest}`]));
    fill(choice.table, data.tables);
    fill(choice.unit, data.units);
    fill(choice.city, data.cities);
    take();
    draw();
  })
  .catch((error) => {
    const told = document.createElement("p");
    told.className = "problem";
    told.setAttribute("role", "alert");
    told.textContent = `${place.dataset.failed} (${error.message})`;
    place.replaceChildren(told);
  });

function fill(select, options) {
  for (const [value, text] of options) select.add(new Option(text, value));
}

function take() {
  const busiest = data.days.map((day, d) => [data.cells.reduce((sum, line, u) => sum + data.tables.filter((_, t) => letter(u, t, d) !== ".").length, 0), day[0]]);
  choice.day.value = (busiest.filter(([sum]) => sum).pop() || [0, data.days[data.days.length - 1][0]])[1];
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) if (choice[name]) choice[name].value = value;
}

function letter(u, t, d) {
  return data.cells[u][t * data.days.length + d];
}

const index = (list, code) => Math.max(0, list.findIndex(([one]) => one === code));

function draw() {
  const view = choice.view.value;
  for (const label of choice.querySelectorAll("label[data-for]")) {
    const what = label.dataset.for;
    label.hidden = !(what === view || (what === "city" && view !== "unit"));
  }
  const units = data.units.map((unit, u) => u).filter((u) => !choice.city.value || data.units[u][2] === choice.city.value);
  const tables = data.tables.map((_, t) => t), days = data.days.map((_, d) => d);
  const t0 = index(data.tables, choice.table.value), d0 = index(data.days, choice.day.value), u0 = index(data.units, choice.unit.value);
  if (view === "day") grid(units, tables, (u, t) => [u, t, d0], unitHead, tableHead);
  if (view === "table") grid(units, days, (u, d) => [u, t0, d], unitHead, dayHead);
  if (view === "unit") grid(tables, days, (t, d) => [u0, t, d], tableHead, dayHead);
  if (view === "all") strips(units, tables, days);
}

const unitHead = (u) => [data.units[u][1], data.units[u][0]];
const tableHead = (t) => [data.tables[t][1], data.tables[t][1]];
const dayHead = (d) => [`${Number(data.days[d][0].slice(5, 7))}/${Number(data.days[d][0].slice(8))}`, data.days[d][0] + (data.days[d][1] ? "" : ` ${data.words.board_rest}`)];

function grid(rows, columns, at, rowHead, columnHead) {
  const wanted = choice.state.value && data.letters[choice.state.value];
  const told = {}, lines = [];
  for (const r of rows) {
    const cells = columns.map((c) => letter(...at(r, c)));
    if (wanted && !cells.includes(wanted)) continue;
    cells.forEach((one) => { told[one] = (told[one] || 0) + 1; });
    lines.push([r, cells]);
  }
  const table = document.createElement("table");
  table.className = columnHead === dayHead ? "matrix days" : "matrix tables";
  const view = choice.view.value;
  table.createCaption().textContent = choice[view].selectedOptions[0].text;
  const head = table.createTHead().insertRow();
  head.append(heading("", ""));
  columns.forEach((c) => {
    const th = heading(...columnHead(c), "col");
    if (columnHead === dayHead && !data.days[c][1]) th.className = "rest";
    head.append(th);
  });
  const body = table.createTBody();
  for (const [r, cells] of lines) {
    const row = body.insertRow();
    row.append(heading(...rowHead(r), "row"));
    cells.forEach((one, n) => row.append(cell(one, at(r, columns[n]), wanted)));
  }
  place.replaceChildren(table);
  const first = table.querySelector("td a");
  if (first) first.tabIndex = 0;
  legend(told);
}

function heading(text, title, scope) {
  const th = document.createElement(scope ? "th" : "td");
  if (scope) th.scope = scope;
  const span = document.createElement("span");
  span.textContent = text;
  th.title = title;
  th.append(span);
  return th;
}

function cell(one, [u, t, d], wanted) {
  const td = document.createElement("td");
  if (one === ".") return td;
  td.className = `s-${one}` + (wanted && wanted !== one ? " faint" : "");
  const link = document.createElement("a");
  const values = { unit: data.units[u][0], table: data.tables[t][0], day: data.days[d][0] };
  link.href = `${place.dataset.cell}?${new URLSearchParams(values)}`;
  link.tabIndex = -1;
  link.textContent = SIGNS[one];
  const name = data.words[`state_${stateOf[one]}`];
  link.setAttribute("aria-label", `${data.units[u][1]} ${data.tables[t][1]} ${data.days[d][0]} ${name}`);
  link.title = `${data.units[u][1]} · ${data.tables[t][1]} · ${data.days[d][0]}\n${name}`;
  td.append(link);
  return td;
}

// Every unit, table and day at once: a stripe of days for each unit and table.
function strips(units, tables, days) {
  const wanted = choice.state.value && data.letters[choice.state.value];
  const left = 96, top = 92, wide = Math.max(34, days.length + 3), high = 14, told = {};
  const canvas = document.createElement("canvas");
  const width = left + tables.length * wide + 40, height = top + units.length * high, sharp = window.devicePixelRatio || 1;
  canvas.width = width * sharp;
  canvas.height = height * sharp;
  // the sizes of a canvas are properties of the object model, which the policy on styles lets pass
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  pen.font = "12px sans-serif";
  pen.fillStyle = "#1d2733";
  const day = (wide - 3) / days.length;
  tables.forEach((t) => {
    pen.save();
    pen.translate(left + t * wide + 14, top - 4);
    pen.rotate(-Math.PI / 3);
    pen.fillText(data.tables[t][1].slice(0, 9), 0, 0);
    pen.restore();
  });
  units.forEach((u, n) => {
    pen.fillStyle = "#1d2733";
    pen.fillText(data.units[u][1].slice(0, 7), 2, top + n * high + 11);
    for (const t of tables) for (const d of days) {
      const one = letter(u, t, d);
      told[one] = (told[one] || 0) + 1;
      if (one === "." || (wanted && wanted !== one)) continue;
      pen.fillStyle = COLOURS[one];
      pen.fillRect(left + t * wide + d * day, top + n * high + 1, Math.max(day, 0.8), high - 2);
    }
  });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", data.words.board_all_name);
  canvas.addEventListener("click", (event) => {
    const u = units[Math.floor((event.offsetY - top) / high)], t = Math.floor((event.offsetX - left) / wide);
    if (u === undefined || !data.tables[t]) return;
    choice.unit.value = data.units[u][0];
    choice.view.value = "unit";
    remember();
  });
  place.replaceChildren(canvas);
  legend(told);
}

function legend(told) {
  counts.replaceChildren();
  for (const [state, one] of Object.entries(data.letters)) {
    const item = document.createElement("span");
    const sign = document.createElement("b");
    sign.className = `s-${one}`;
    sign.textContent = SIGNS[one];
    sign.setAttribute("aria-hidden", "true");
    item.append(sign, ` ${data.words[`state_${state}`]} ${told[one] || 0}`);
    counts.append(item);
  }
}

function remember() {
  const chosen = [...new FormData(choice)].filter(([, value]) => value);
  history.replaceState(null, "", `#${new URLSearchParams(chosen)}`);
  draw();
}

choice.addEventListener("change", remember);
choice.addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("hashchange", () => { if (data) { take(); draw(); } });

// One stop of the tab key for the whole board; arrows walk in it.
place.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const here = document.activeElement.closest && document.activeElement.closest("td");
  if (!step || !here) return;
  event.preventDefault();
  let row = here.parentElement, at = here.cellIndex;
  for (;;) {
    at += step[0];
    if (step[1]) row = step[1] > 0 ? row.nextElementSibling : row.previousElementSibling;
    if (!row || !row.cells[at]) return;
    const link = row.cells[at].querySelector("a");
    if (!link) continue;
    here.querySelector("a").tabIndex = -1;
    link.tabIndex = 0;
    link.focus();
    return;
  }
});
