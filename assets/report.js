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

for (const strip of document.querySelectorAll("svg.strip")) {
  const reading = strip.parentElement.querySelector(".reading");
  const usual = reading.textContent;
  const points = [...strip.querySelectorAll("path, use")].filter((point) => point.querySelector("title"));
  const middle = (point) => {
    const { left, width } = point.getBoundingClientRect();
    return left + width / 2;
  };
  let near = null;
  const show = (point) => {
    near?.classList.remove("near");
    near = point;
    near?.classList.add("near");
    reading.textContent = near ? near.querySelector("title").textContent : usual;
  };
  const look = ({ clientX }) => {
    const away = (point) => Math.abs(middle(point) - clientX);
    show(points.reduce((a, b) => (away(b) < away(a) ? b : a)));
  };
  strip.addEventListener("pointermove", look);
  strip.addEventListener("pointerdown", look);
  strip.addEventListener("pointerleave", () => show(null));
}

for (const note of document.querySelectorAll(".without-script")) note.remove();
for (const link of document.querySelectorAll("a[data-run]")) {
  const run = document.getElementById(link.dataset.run).textContent;
  link.href = URL.createObjectURL(new Blob([run, "\n"], { type: "application/json" }));
}
