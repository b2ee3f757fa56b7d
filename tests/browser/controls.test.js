// What a person steers from the page, and that the real client feels it: the clock, failures, the reset.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { browse, message, open, phone, reads, Sandbox } from "./harness.js";

const TO = "0501234567";
const OTHER = "0521234567";

let browser, sandbox, page;

before(async () => { browser = await browse(); });
after(() => browser.close());

beforeEach(async () => {
  sandbox = await Sandbox.start("--port", "0");
  page = await open(browser, sandbox);
});

afterEach(async () => {
  await page.context().close();
  await sandbox.stop();
});

/** Scripts a failure by its name in the menu. */
async function fail(label, { group, times = 1, to = "" } = {}) {
  const menu = page.locator("#script-failure");
  const within = group ? menu.locator(`optgroup[label="${group}"]`) : menu;
  const option = within.locator("option", { hasText: label }).first();
  await option.waitFor({ state: "attached" });
  await menu.selectOption(await option.getAttribute("value"));
  await page.getByLabel("times").fill(String(times));
  await page.getByLabel("for", { exact: true }).fill(to);
  await page.getByRole("button", { name: "Let the next requests fail" }).click();
}

const scripted = () => page.locator("#scripted li").allTextContents();

test("the clock is advanced in steps and freely", async () => {
  await sandbox.send(TO);
  const state = phone(page, TO).locator(".state");
  await page.getByRole("button", { name: "+1 min" }).click();
  await reads(page.locator("#ahead"), /^1 min( \d s)? ahead$/);
  await reads(phone(page, TO).locator(".left"), /^8:\d\d left$/);
  await reads(state, "waiting");
  await page.getByRole("button", { name: "+10 min" }).click();
  await reads(state, "expired");
  await page.getByRole("button", { name: "+1 hour" }).click();
  await reads(page.locator("#ahead"), "1 h 11 min ahead");
  await page.getByLabel("Advance by").fill("2");
  await page.getByLabel("Unit").selectOption("days");
  await page.getByRole("button", { name: "Advance", exact: true }).click();
  await reads(page.locator("#ahead"), "2 d 1 h ahead");
  const { now } = await sandbox.control("messages");
  const shown = await page.locator("#clock").textContent();
  const seconds = (text) => text.split(":").reduce((sum, part) => 60 * sum + Number(part), 0);
  const expected = await page.evaluate((time) => new Date(time * 1000).toTimeString().slice(0, 8), now);
  assert.ok(Math.abs(seconds(shown) - seconds(expected)) % 86395 <= 5, `${shown} is ${expected}`);
});

test("what the sandbox refuses is shown", async () => {
  await page.getByLabel("Advance by").fill("99999");
  await page.getByLabel("Unit").selectOption("days");
  await page.getByRole("button", { name: "Advance", exact: true }).click();
  await reads(page.locator("#advance-fault"), "the clock cannot be more than a hundred years ahead");
  await fail("Reason 5", { to: "12" });
  await reads(page.locator("#script-fault"), /local form/);
  await fail("Reason 5", { to: TO });
  await reads(page.locator("#script-fault"), "");
});

test("the next requests fail as the page says, and what is to come is listed", async () => {
  await fail("Reason 5: unknown error", { times: 2 });
  await reads(page.locator("#waiting"), "2 to come");
  await fail("HTTP 503", { group: "HTTP errors with HTML" });
  await reads(page.locator("#waiting"), "3 to come");
  assert.deepEqual(await scripted(), [
    "The service refuses: Reason 5: unknown error 2 times, whoever asks",
    "HTTP errors with HTML: HTTP 503 1 time, whoever asks",
  ]);
  assert.equal((await sandbox.send(TO, { status: 3 })).reason, 5);
  await reads(page.locator("#waiting"), "2 to come");
  await sandbox.check(TO, "123456", 3);
  assert.equal((await sandbox.send(TO, { status: 8 })).http_status, 503);
  await reads(page.locator("#waiting"), "");
  await page.locator("#scripted-none").waitFor();
  await sandbox.send(TO);
});

test("a failure for one number leaves the others alone", async () => {
  await fail("Reason 3", { to: "052-123-4567" });
  await reads(page.locator("#waiting"), "1 to come");
  assert.deepEqual(await scripted(), ["The service refuses: Reason 3: the sender is not approved 1 time, for 052-123-4567"]);
  await sandbox.send(TO);
  await sandbox.send(OTHER, { status: 3 });
  await reads(page.locator("#waiting"), "");
  await sandbox.send(OTHER);
});

test("a Send whose answer is lost shows its message: the SMS is out", async () => {
  await fail("Done, and the answer is lost");
  await reads(page.locator("#waiting"), "1 to come");
  assert.equal((await sandbox.send(TO, { status: 7 })).reached, "UNKNOWN");
  const code = await sandbox.code(TO);
  await message(page, code).waitFor();
  await sandbox.check(TO, code, 0);
});

test("a code that is told to expire is shown so", async () => {
  await fail("The code has expired");
  await sandbox.send(TO);
  await reads(phone(page, TO).locator(".state"), "expired");
});

test("every failure in the menu can be asked for", async () => {
  const options = page.locator("#script-failure option");
  await options.first().waitFor({ state: "attached" });
  const { failures } = await sandbox.control("failures");
  assert.deepEqual((await options.allTextContents()), failures.map(({ label }) => label));
  for (const [index] of failures.entries()) {
    await page.locator("#script-failure").selectOption({ index });
    await page.getByRole("button", { name: "Let the next requests fail" }).click();
    await reads(page.locator("#waiting"), `${index + 1} to come`);
  }
  const { entries } = await sandbox.control("script");
  assert.deepEqual(entries.map(({ failure }) => failure), failures.map(({ failure }) => failure));
  await reads(page.locator("#scripted li").last(), `and ${failures.length - 20} more`);
  await reads(page.locator("#script-fault"), "");
});

test("the numbers that always behave one way are listed, and do", async () => {
  await page.locator("#always summary").click();
  const items = page.locator("#always-list li");
  const { numbers } = await sandbox.control("failures");
  assert.equal(await items.count(), numbers.length);
  const { to } = numbers.find(({ failure }) => failure.reason === 6);
  await reads(items.filter({ hasText: to }), new RegExp(`^${to} Copy .*reason 6`));
  assert.equal((await sandbox.send(to, { status: 3 })).reason, 6);
});

test("a reset asks first, then forgets everything", async () => {
  await sandbox.send(TO);
  await sandbox.control("advance", { seconds: 60 });
  await sandbox.control("script", { failure: { http: 503 }, count: 9 });
  await reads(page.locator("#waiting"), "9 to come");
  await page.getByRole("button", { name: "Reset…" }).click();
  await page.getByRole("button", { name: "Keep everything" }).click();
  assert.equal((await sandbox.control("messages")).messages.length, 1);
  await page.getByRole("button", { name: "Reset…" }).click();
  await page.getByRole("button", { name: "Reset", exact: true }).click();
  await page.locator("#empty").waitFor();
  assert.equal(await page.locator(".message").count(), 0);
  await reads(page.locator("#waiting"), "");
  await reads(page.locator("#ahead"), "");
  assert.deepEqual((await sandbox.control("messages")).messages, []);
  await sandbox.send(TO);
  await phone(page, TO).waitFor();
});

/** Follows a lesson of the page in a shell. */
async function follow(shown, index) {
  const lesson = await shown.locator("#lessons .copy bdi").nth(index).textContent();
  const command = lesson.replace(/^verifysms/m, process.env.VERIFYSMS);
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", command], { encoding: "utf8" });
  assert.equal(status, 0, `${command}\n${stderr}`);
  return stdout;
}

test("the lessons are true: what is on the page sends the first messages", async () => {
  await follow(page, 0);
  await reads(page.locator("#summary"), "1 message · 1 number");
  assert.equal(await page.locator("#empty").isVisible(), false);
  assert.equal(JSON.parse(await follow(page, 1)).status, "OK");
  await reads(page.locator("#summary"), "2 messages · 1 number");
});

test("over TLS the page is the same, and its lessons name the authority", async () => {
  const secure = await Sandbox.start("--port", "0", "--tls");
  const shown = await open(browser, secure, { ignoreHTTPSErrors: true });
  assert.match(secure.page, /^https:/);
  assert.equal(JSON.parse(await follow(shown, 1)).status, "OK");
  await follow(shown, 0);
  await reads(phone(shown, TO).locator(".state").first(), "waiting");
  await shown.getByRole("button", { name: "+10 min" }).click();
  await reads(phone(shown, TO).locator(".state").first(), "expired");
  const authority = secure.line.match(/CA file: ([^)]*)\)/)[1];
  await reads(shown.locator("#settings .copy bdi").last(), authority);
  await shown.context().close();
  await secure.stop();
});
