// The site of `make site`, as files: axe, small windows, dark mode, search, tabs, Hebrew.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { browse, TIMEOUT_MS } from "./harness.js";

const axe = createRequire(import.meta.url)("axe-core");
const site = new URL("../../target/site/", import.meta.url);
const screenshots = new URL("../../target/browser/", import.meta.url).pathname;

const MAIN = ["index", "he", "start", "howto/sign-up", "howto/second-factor", "languages/cobol", "reference/outcomes",
  "reference/command", "explanation/guard", "search"];
// Of the others each is seen once, in one of the two.
const PHONE = ["install", "howto/going-live", "languages/names", "reference/c", "reference/guard", "explanation/security"];
const DESK = ["howto/event-loop", "languages/index", "reference/cpp", "reference/python/verifysms/index", "reference/control",
  "faults/network"];
const VARIANTS = [
  { name: "360-light", width: 360, colorScheme: "light", pages: [...MAIN, ...PHONE] },
  { name: "360-dark", width: 360, colorScheme: "dark", pages: MAIN },
  { name: "1280-light", width: 1280, colorScheme: "light", pages: MAIN },
  { name: "1280-dark", width: 1280, colorScheme: "dark", pages: [...MAIN, ...DESK] },
];

let browser;

before(async () => {
  await mkdir(screenshots, { recursive: true });
  browser = await browse();
});

after(() => browser.close());

/** A window of its own, whose pages may load nothing but files and complain of nothing. */
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  page.complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      page.complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  context.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) {
      page.complaints.push(`it loads ${request.url()}`);
    }
  });
  return page;
}

const visit = (page, name) => page.goto(new URL(`${name}.html`, site).href);

for (const { name, width, colorScheme, pages } of VARIANTS) {
  test(`axe finds nothing, and the window is wide enough: ${name}`, async () => {
    const page = await open({ viewport: { width, height: 860 }, colorScheme });
    for (const one of pages) {
      await visit(page, one);
      await page.screenshot({ path: `${screenshots}site-${one.replaceAll("/", "-")}-${name}.png` });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `${one} is too wide`);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => globalThis.axe.run({ preload: false, resultTypes: ["violations"] }));
      const found = violations.map(({ id, help, nodes }) => `${one}: ${id}: ${help}: ${nodes.slice(0, 5).map(({ target }) => target).join(" ")}`);
      assert.deepEqual(found, []);
    }
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test("at 360 pixels no page is wider than the window", async () => {
  const page = await open({ viewport: { width: 360, height: 860 } });
  for (const one of [...PHONE, ...DESK]) {
    await visit(page, one);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, `${one} is too wide`);
  }
  await page.context().close();
});

test("the search finds functions, options and words, from a file", async () => {
  const page = await open();
  for (const [words, result, lands] of [
    ["verifysms_result_retry_after", /^verifysms_result_retry_after/, /reference\/c\.html/],
    ["noeviction", /guard/i, /reference\/guard\.html/],
    ["pre-forking", /pre-forking/i, /howto\/workers\.html/],
  ]) {
    await visit(page, "index");
    await page.locator(".search-button-field:visible").click();
    await page.locator("#pst-search-dialog input[name=q]").fill(words);
    await page.keyboard.press("Enter");
    const link = page.locator("#search-results li a").filter({ hasText: result }).first();
    await link.click();
    assert.match(page.url(), lands);
  }
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

/** The text of the language's tab that is open. */
const chosen = (page) => page.locator(".languages > input:checked + label").innerText();

test("the choice of a language holds on the next visit", async () => {
  const page = await open();
  await visit(page, "start");
  assert.equal(await chosen(page), "C");
  await page.getByText("COBOL", { exact: true }).click();
  assert.ok(await page.getByText("cobc -x -fstatic-call").isVisible());
  await visit(page, "index");
  await visit(page, "start");
  assert.equal(await chosen(page), "COBOL");
  await page.locator(".languages > input:checked").focus();
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await chosen(page), "COBOL", "the keyboard alone chooses, too");
  await page.context().close();
});

test("the Hebrew page runs from right to left, and its code does not", async () => {
  const page = await open();
  await visit(page, "index");
  await page.getByRole("link", { name: "עברית" }).first().click();
  assert.match(page.url(), /he\.html$/);
  const direction = (selector) => page.locator(selector).first().evaluate((element) => getComputedStyle(element).direction);
  assert.equal(await page.locator("html").getAttribute("lang"), "he");
  assert.equal(await direction("article h1"), "rtl");
  assert.equal(await direction("article pre"), "ltr");
  await page.getByRole("link", { name: "מתחילים כאן" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/start\.html$/);
  await page.context().close();
});

test("a chosen colour mode holds", async () => {
  const page = await open({ colorScheme: "light" });
  await visit(page, "index");
  await page.locator(".theme-switch-button").first().click();
  await page.locator(".theme-change-button[data-mode=dark]").first().click();
  await visit(page, "start");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await page.context().close();
});
