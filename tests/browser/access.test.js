// Accessibility: axe, the keyboard alone, small windows, dark mode. Leaves screenshots in target/browser.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { browse, message, open, reads, Sandbox } from "./harness.js";

const axe = createRequire(import.meta.url)("axe-core");
const screenshots = new URL("../../target/browser/", import.meta.url).pathname;
const TO = "0501234567";

const variants = [360, 1280].flatMap((width) => ["light", "dark"].map((colorScheme) =>
  ({ name: `${width}-${colorScheme}`, viewport: { width, height: 860 }, colorScheme })));

let browser, empty, full;

before(async () => {
  await mkdir(screenshots, { recursive: true });
  browser = await browse();
  empty = await Sandbox.start("--port", "0");
  full = await Sandbox.start("--port", "0");
  await fill(full);
});

after(async () => {
  await browser.close();
  await empty.stop();
  await full.stop();
});

/** Makes the sandbox show everything that the page can show. */
async function fill(sandbox) {
  await sandbox.send("0521234567", { sender: "אקמה", message: "קוד האימות שלך הוא ##code##. אין למסור אותו לאיש." });
  await sandbox.send("031234567", { sender: "Bank", message: "##code## is your code. It is good for ten minutes." });
  await sandbox.check("031234567", await sandbox.code("031234567"), 0);
  await sandbox.post({ from: "Long", to: "0771234567", message: `${"A long text. ".repeat(60)}##code##` });
  await sandbox.post({ from: "Long", to: "0771234568", message: `${"x".repeat(300)}##code##` });
  await sandbox.send("0570000615");
  await sandbox.control("advance", { seconds: 660 });
  for (let number = 0; number < 5; number += 1) {
    await sandbox.send(TO, { message: "Acme: your code is ##code##\n\n@acme.example ###code##" });
  }
  await sandbox.check(TO, "none", 2);
  await sandbox.post({ apiKey: "none", from: "Acme", to: TO });
  await sandbox.control("script", { failure: { http: 503 }, count: 3 });
  await sandbox.control("script", { failure: { reason: 5 }, count: 1, to: "0521234567" });
}

/** Fails with what axe finds. */
async function assertAccessible(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target).join(" ")}`);
  assert.deepEqual(found, []);
}

const openPanels = (page) => page.locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));

for (const { name, ...variant } of variants) {
  test(`axe finds nothing, and the window is wide enough: ${name}`, async () => {
    for (const [state, sandbox] of Object.entries({ empty, full })) {
      const page = await open(browser, sandbox, { ...variant, reducedMotion: "reduce" });
      await page.locator("#script-failure option").first().waitFor({ state: "attached" });
      await page.screenshot({ path: `${screenshots}${state}-${name}.png`, fullPage: true });
      await assertAccessible(page);
      await openPanels(page);
      await page.locator(".toggle:visible").first().click({ timeout: 1000 }).catch(() => {});
      await page.screenshot({ path: `${screenshots}${state}-${name}-open.png`, fullPage: true });
      await assertAccessible(page);
      await page.getByRole("button", { name: "Reset" }).click();
      await assertAccessible(page);
      const { width } = variant.viewport;
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, "nothing sticks out");
      assert.deepEqual(page.consoleErrors, []);
      await page.context().close();
    }
  });
}

test("at 320 pixels and with letters of twice the size nothing sticks out", async () => {
  for (const width of [320, 1280]) {
    const page = await open(browser, full, { viewport: { width, height: 860 } });
    await openPanels(page);
    // Through the page's own sheet: its policy takes no other.
    await page.evaluate((small) => { document.documentElement.style.fontSize = small ? "100%" : "200%"; }, width === 320);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `${width}`);
    await page.context().close();
  }
});

/** The focused element: its accessible name, and whether its focus is visible. */
async function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const name = element.labels?.[0]?.textContent.trim() || element.textContent.trim().replaceAll(/\s+/g, " ");
    const isInWindow = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return { name, id: element.id, tag: element.tagName, hasOutline: outlineStyle !== "none" && outlineWidth !== "0px", isInWindow };
  });
}

test("the keyboard alone reaches everything, and the focus is always visible", async () => {
  const page = await open(browser, full, { viewport: { width: 360, height: 740 } });
  await page.locator("#script-failure option").first().waitFor({ state: "attached" });
  const names = [];
  for (let step = 0; step < 120; step += 1) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (now.tag === "BODY") {
      break;
    }
    assert.ok(now.hasOutline && now.isInWindow, JSON.stringify(now));
    names.push(now.name);
    if (now.tag === "SUMMARY" && !(await page.evaluate(() => document.activeElement.parentElement.open))) {
      await page.keyboard.press("Enter");
    }
  }
  assert.ok(names.length < 120, "it has an end");
  const expected = ["Skip to the messages", /^Clock/, "+1 min", "+10 min", "+1 hour", "Advance by", /^Unit/, "Advance",
    /^Requests/, /Send to 050-123-4567.*wrong key/, /^Failures/, "Search the failures", /^What goes wrong/, "times", "for", "Let the next requests fail", /^Numbers that always/, /^Send here/,
    /verifySMS Copy$/, "sandbox-key Copy", "Reset…", "Search the messages", /^State/, /^\d{6} Copy$/, "×", "Show 2 earlier"];
  let at = 0;
  for (const name of expected) {
    const found = names.findIndex((one, index) => index >= at && (name instanceof RegExp ? name.test(one) : one === name));
    assert.ok(found >= 0, `${name} after ${names.slice(0, at).at(-1)} in ${JSON.stringify(names)}`);
    at = found + 1;
  }
  await page.context().close();
});

test("the keyboard alone copies a code, scripts a failure and resets", async () => {
  const sandbox = await Sandbox.start("--port", "0");
  const page = await open(browser, sandbox, { permissions: ["clipboard-read", "clipboard-write"] });
  await sandbox.send(TO);
  const code = await sandbox.code(TO);
  await message(page, code).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal((await focused(page)).id, "messages", "the link skips the controls");
  for (let step = 0; step < 3; step += 1) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Space");
  await reads(page.locator("#announcement"), /copied$/);
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code);

  await page.locator("#script-failure").focus();
  await page.keyboard.type("Reason 6");
  await page.keyboard.press("Tab");
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  await reads(page.locator("#waiting"), "2 to come");
  await sandbox.send(TO, { status: 3 });

  await page.locator("#reset").focus();
  await page.keyboard.press("Enter");
  assert.equal((await focused(page)).name, "Keep everything", "one more Enter resets nothing");
  await page.keyboard.press("Escape");
  assert.equal((await focused(page)).id, "reset");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await page.locator("#empty").waitFor();
  assert.equal((await focused(page)).id, "reset");
  await reads(page.locator("#waiting"), "");
  await page.context().close();
  await sandbox.stop();
});

test("reduced motion means no animation", async () => {
  for (const [reducedMotion, animation] of [["no-preference", "arrive"], ["reduce", "none"]]) {
    const sandbox = await Sandbox.start("--port", "0");
    const page = await open(browser, sandbox, { reducedMotion });
    await sandbox.send(TO);
    const newest = message(page, await sandbox.code(TO));
    await newest.waitFor();
    assert.equal(await newest.evaluate((element) => getComputedStyle(element).animationName), animation);
    await page.context().close();
    await sandbox.stop();
  }
});
