// Opens pages in Chromium and checks what a reader relies on: nothing on the console, no request, no
// sideways scrolling, nothing that axe objects to, sorting by keyboard, links, and the saved run.
//
//   node html_pages.mjs FOLDER_WITH_NODE_MODULES CHROMIUM FOLDER PAGE...
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, executablePath, folder, ...names] = process.argv.slice(2);
const require = createRequire(join(packages, "package.json"));
const { chromium } = require("playwright-core");
const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS });

// A page of a context of its own, which fails for a word on the console or a request.
async function opened(name, options) {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(join(folder, `${name}.html`)).href;
  const trouble = [];
  page.on("console", (message) => trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== url && request.url() !== "data:,") trouble.push(request.url());
  });
  page.on("dialog", (dialog) => trouble.push(dialog.message()));
  await page.goto(url);
  const close = async () => {
    assert.deepEqual(trouble, [], name);
    await context.close();
  };
  return { page, close };
}

// Everything is within the window or the sheet, from left to right.
async function fits(page, name, width) {
  await page.setViewportSize({ width, height: 900 });
  const [content, window] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  assert.ok(content <= window, `${name} is wider than ${width}: ${content}`);
}

async function layout(name) {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await opened(name, { colorScheme });
    for (const width of [1400, 800, 360]) await fits(page, name, width);
    await page.evaluate(axe);
    // On a phone; what differs in the dark are the colours.
    const rules = colorScheme === "dark" ? { runOnly: ["color-contrast"] } : {};
    const { violations } = await page.evaluate((rules) => axe.run({ resultTypes: ["violations"], ...rules }), rules);
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary}`);
    assert.deepEqual(found, [], `${name} in ${colorScheme}`);
    if (colorScheme === "light") {
      const [paint] = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint"));
      const { size } = await page.evaluate(() => ({ size: document.documentElement.outerHTML.length }));
      console.log(`${name}: first paint after ${paint.startTime.toFixed(0)} ms, ${size} characters`);
    }
    await close();
  }
}

// On paper, which is white whatever the screen is: a sheet of A4 without what only a screen has a use for.
async function printed(name) {
  const { page, close } = await opened(name, { colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  await fits(page, name, 794);
  const isShown = (selector) => page.locator(selector).first().isVisible();
  assert.ok((await isShown("h1")) && (await isShown("table")), name);
  for (const selector of ["nav", "footer", "a.download"]) assert.ok(!(await isShown(selector)), `${name}: ${selector}`);
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.ok(["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"].includes(paper), `${name}: ${paper}`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run({ runOnly: ["color-contrast"] }));
  assert.deepEqual(violations.map(({ nodes }) => nodes[0].html.slice(0, 200)), [], `${name} on paper`);
  assert.ok((await page.pdf({ format: "A4" })).length > 1000, name);
  await close();
}

async function links(page, name) {
  const [inside, outside] = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href"));
    const isInside = (href) => href.startsWith("#");
    return [all.filter(isInside), all.filter((href) => !isInside(href))];
  });
  assert.ok(inside.length >= 4, name);
  for (const href of inside) {
    assert.equal(await page.locator(href).count(), 1, `${name}: ${href}`);
  }
  for (const href of outside) assert.match(href, /^(data|blob):/, name);
}

// What the first column of figures holds, in its order.
const column = (page, index) =>
  page.evaluate((index) => {
    const [table] = document.querySelectorAll("table");
    return [...table.tBodies[0].rows].map((row) => row.cells[index].textContent.trim());
  }, index);

async function sorting(page, name) {
  const index = await page.evaluate(() => {
    const [table] = document.querySelectorAll("table");
    const heads = [...table.tHead.rows[0].cells];
    return heads.findIndex((head) => !head.classList.contains("words"));
  });
  const head = page.locator("table").first().locator("thead th").nth(index);
  const original = await column(page, index);
  assert.ok(original.length > 1, name);

  // By the tabulator alone, from the top of the page.
  for (let steps = 0; !(await head.evaluate((head) => head.contains(document.activeElement))); steps += 1) {
    assert.ok(steps < 60, `${name}: no way to the heading by keyboard`);
    await page.keyboard.press("Tab");
  }
  const figures = async () => (await column(page, index)).filter((text) => text !== "").map(parseFloat);
  const isNumber = original.every((text) => text === "" || /^[\d.]+$/.test(text));
  for (const [key, state, sign] of [["Enter", "ascending", 1], ["Space", "descending", -1]]) {
    await page.keyboard.press(key);
    assert.equal(await head.getAttribute("aria-sort"), state, name);
    const sorted = await figures();
    const inOrder = sorted.every((value, place) => place === 0 || sign * (value - sorted[place - 1]) >= 0);
    if (isNumber) assert.ok(inOrder, `${name}: ${sorted}`);
  }
  await page.keyboard.press("Enter");
  assert.equal(await head.getAttribute("aria-sort"), "none");
  assert.deepEqual(await column(page, index), original, name);
}

// Figures with units and prefixes, each list by what they are worth.
const WORTH = [
  ["350 ns", "789 µs", "1.5 ms", "45.6 ms", "0.95 s", "1.23 s", "61 s"],
  ["3 B", "500 B", "4.1 kB", "2 MB", "2.5 MiB", "1.5 GB"],
  ["9 msgs/s", "20 msgs/s", "1.20K msgs/s", "3.00M msgs/s"],
  ["20 keys/s", "500 keys/s", "1.50K keys/s"],
  ["900 pictures", "1.1K pictures"],
  ["500 kB/s", "2 MB/s", "1.50K MB/s"],
  ["-3.2 %", "0.5 %", "12 %"],
  ["0.0007x", "0.50x", "10.2x"],
];

// Sorts every list in every table that has a column of figures and rows enough.
async function units(page, name) {
  const sorted = await page.evaluate((lists) => {
    const results = [];
    for (const table of document.querySelectorAll("table")) {
      const heads = [...table.tHead.rows[0].cells];
      const column = heads.findIndex((head) => head.querySelector("button") && !head.classList.contains("words"));
      const rows = [...table.tBodies[0].rows];
      if (column < 0) continue;
      for (const list of lists.filter((list) => list.length <= rows.length)) {
        const reversed = [...list].reverse();
        rows.forEach((row, place) => (row.cells[column].textContent = reversed[place] ?? ""));
        heads[column].querySelector("button").click();
        const now = [...table.tBodies[0].rows].map((row) => row.cells[column].textContent);
        results.push([list, now.slice(0, list.length)]);
        heads[column].querySelector("button").click();
        heads[column].querySelector("button").click();
      }
    }
    return results;
  }, WORTH);
  for (const [list, now] of sorted) assert.deepEqual(now, list, name);
  return sorted.length;
}

// Moving over a strip shows the round next to the pointer. A browser may take a frame for that.
async function hovering(page) {
  const strip = page.locator("svg.strip").first();
  const usual = await page.locator(".reading").first().textContent();
  const reads = (pattern) =>
    page.waitForFunction((pattern) => new RegExp(pattern).test(document.querySelector(".reading").textContent), pattern);

  const { width, height } = await strip.boundingBox();
  for (const [x, pattern] of [[4, "^round 1: "], [width - 4, "^round \\d+: "]]) {
    await strip.hover({ position: { x, y: height / 2 } });
    await reads(pattern);
  }
  await page.mouse.move(0, 0);
  await reads(`^${usual}$`);
}

async function saved(page, name, suffix) {
  const link = page.locator("a.download").first();
  const download = page.waitForEvent("download");
  await link.click();
  await (await download).saveAs(join(folder, `${name}-${suffix}.json`));
}

let sortedLists = 0;

async function withScript(name) {
  const { page, close } = await opened(name, { viewport: { width: 360, height: 800 } });
  await links(page, name);
  await sorting(page, name);
  sortedLists += await units(page, name);
  if ((await page.locator("svg.strip").count()) > 0) await hovering(page);
  assert.equal(await page.locator(".without-script").count(), 0);
  // A packed run takes a moment.
  await page.waitForFunction(() =>
    [...document.querySelectorAll("a[data-run]")].every((link) => link.href.startsWith("blob:")),
  );
  if ((await page.locator("a.download").count()) > 0) await saved(page, name, "with-script");
  await close();
}

async function withoutScript(name) {
  const { page, close } = await opened(name, { javaScriptEnabled: false });
  assert.ok((await page.locator("h1").innerText()).length > 8);
  assert.ok((await page.locator("table td").count()) > 1);
  assert.equal(await page.locator("th button").count(), 0);
  if ((await page.locator("a[data-run]").count()) > 0) {
    assert.ok(await page.locator(".without-script").first().isVisible(), name);
  } else if ((await page.locator("a.download").count()) > 0) {
    await saved(page, name, "without-script");
  }
  await close();
}

try {
  for (const name of names) {
    await layout(name);
    await printed(name);
    await withScript(name);
    await withoutScript(name);
  }
  assert.ok(sortedLists > 4 * WORTH.length, `only ${sortedLists} lists were sorted`);
} finally {
  await browser.close();
}
