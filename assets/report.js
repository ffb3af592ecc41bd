// Sorting, the figure of the point next to the pointer, and links to runs that are too large to be
// links. Without this script the page says the same.
"use strict";

const SCALES = { ns: 1e-9, "µs": 1e-6, us: 1e-6, ms: 1e-3, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

// `1.23 s`, `648 ms`, `4.1 MB`, `15.4K keys/s`: what it is worth; NaN where there is no figure. A prefix stands
// right behind the number, or before a unit that is known: the keys of `500 keys` are no thousands.
function worth(text) {
  const found = /([-+]?\d[\d.]*(?:e[-+]?\d+)?)([kKMGTP](?!\p{L}))?(?:\s*(ns|µs|us|ms|[kKMGTP]i?B)(?!\p{L}))?/u.exec(text);
  if (!found) return NaN;
  const [, number, prefix, unit] = found;
  return Number(number) * (SCALES[prefix] ?? 1) * (SCALES[unit?.replace(/i?B$/, "")] ?? 1);
}

function compared(a, b, isNumber) {
  if (!isNumber) return a.localeCompare(b, "en", { numeric: true });
  const [x, y] = [worth(a), worth(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? 0 : x - y;
}

const DIRECTIONS = { none: "ascending", ascending: "descending", descending: "none" };

function sort(table, rows, column, direction) {
  const heads = [...table.tHead.rows[0].cells];
  const isNumber = !heads[column].classList.contains("words");
  const sorted = [...rows];
  if (direction !== "none") {
    const sign = direction === "ascending" ? 1 : -1;
    const text = (row) => row.cells[column].textContent.trim();
    const isEmpty = (row) => (isNumber ? Number.isNaN(worth(text(row))) : text(row) === "");
    // What has no figure stands last, whichever way.
    sorted.sort((a, b) => isEmpty(a) - isEmpty(b) || sign * compared(text(a), text(b), isNumber));
  }
  heads.forEach((head, place) => head.setAttribute("aria-sort", place === column ? direction : "none"));
  table.tBodies[0].append(...sorted);
}

for (const table of document.querySelectorAll("table")) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 2) continue;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => sort(table, rows, column, DIRECTIONS[head.getAttribute("aria-sort")]));
  });
}

// Where the dots of an outline are, by the numbers of their rounds.
function dots(outline) {
  const found = new Map();
  let [x, y] = [0, 0];
  for (const [, right, down] of outline.matchAll(/m(-?[\d.]+) ?(-?\d+)h0/g)) {
    [x, y] = [x + Number(right), y + Number(down)];
    found.set(Math.ceil(x), `M${x} ${y}h0`);
  }
  return found;
}

function readable(strip, arm, rows, remarks) {
  const reading = strip.parentElement.querySelector(".reading");
  const usual = reading.textContent;
  const drawing = strip.querySelector("svg");
  const usuals = dots(drawing.querySelector("path").getAttribute("d"));
  const marks = new Map();
  const beyond = new Map();
  for (const mark of strip.querySelectorAll("use")) {
    const number = Math.ceil((parseFloat(mark.getAttribute("x")) / 100) * rows.length);
    if (!marks.has(number)) marks.set(number, mark);
    if (mark.textContent) beyond.set(number, ` (${mark.textContent})`);
  }

  const words = (number) => {
    const remark = remarks[number] ? `, ${remarks[number]}` : "";
    return `round ${number}: ${rows[number - 1].cells[arm + 1].textContent}${beyond.get(number) ?? ""}${remark}`;
  };
  const dot = document.createElementNS(drawing.namespaceURI, "path");
  let near = null;
  const leave = () => {
    near?.classList.remove("near");
    dot.remove();
    reading.textContent = usual;
  };
  const look = ({ clientX }) => {
    leave();
    const { left, width } = strip.getBoundingClientRect();
    const place = Math.ceil(((clientX - left) / width) * rows.length);
    const number = Math.min(Math.max(place, 1), rows.length);
    near = marks.get(number) ?? drawing.appendChild(dot);
    dot.setAttribute("d", usuals.get(number) ?? "");
    near.classList.add("near");
    reading.textContent = words(number);
  };
  strip.addEventListener("pointermove", look);
  strip.addEventListener("pointerdown", look);
  strip.addEventListener("pointerleave", leave);
}

for (const strips of document.querySelectorAll(".strips")) {
  // In the order of the rounds, however the table is sorted later.
  const rows = [...strips.nextElementSibling.querySelector("tbody").rows];
  const remarks = JSON.parse(strips.dataset.remarks);
  strips.querySelectorAll("svg.strip").forEach((strip, arm) => readable(strip, arm, rows, remarks));
}

for (const note of document.querySelectorAll(".without-script")) note.remove();

// The run as it was written: it may be packed (Base64 of zlib).
async function stored(element) {
  const text = element.textContent;
  if (element.type === "application/json") return new Blob([text, "\n"], { type: element.type });
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Blob([await new Response(json).blob()], { type: "application/json" });
}

for (const link of document.querySelectorAll("a[data-run]")) {
  stored(document.getElementById(link.dataset.run)).then((run) => {
    link.href = URL.createObjectURL(run);
  });
}
