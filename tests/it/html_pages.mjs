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

async function layout(name) {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await opened(name, { colorScheme });
    for (const width of [360, 800, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      const [content, window] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return [scrollWidth, clientWidth];
      });
      assert.ok(content <= window, `${name} scrolls sideways at ${width}: ${content}`);
    }
    await page.evaluate(axe);
    // What differs in the dark are the colours.
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

async function withScript(name) {
  const { page, close } = await opened(name, { viewport: { width: 360, height: 800 } });
  await links(page, name);
  await sorting(page, name);
  if ((await page.locator("svg.strip").count()) > 0) await hovering(page);
  assert.equal(await page.locator(".without-script").count(), 0);
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
    await withScript(name);
    await withoutScript(name);
  }
} finally {
  await browser.close();
}
