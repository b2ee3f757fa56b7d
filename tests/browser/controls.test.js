// The page's controls and their effect on a real client: the clock, failures, the reset.

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

/** Scripts a failure by its label in the menu. */
async function scriptFailure(label, { group, times = 1, to = "" } = {}) {
  const menu = page.locator("#script-failure");
  const within = group ? menu.locator(`optgroup[label="${group}"]`) : menu;
  const option = within.locator("option", { hasText: label }).first();
  await option.waitFor({ state: "attached" });
  await menu.selectOption(await option.getAttribute("value"));
  await page.getByLabel("times").fill(String(times));
  await page.getByLabel("for", { exact: true }).fill(to);
  await page.getByRole("button", { name: "Let the next requests fail" }).click();
}

const listedScript = () => page.locator("#script-entries li").allTextContents();

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
  assert.match(shown, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const seconds = await page.evaluate((text) => new Date(text).getTime() / 1000, shown);
  assert.ok(Math.abs(seconds - now) <= 5, `${shown} is ${new Date(now * 1000)}`);
});

test("after days a message has its date", async () => {
  await sandbox.send(TO);
  await reads(phone(page, TO).locator(".meta time"), /^\d\d:\d\d:\d\d$/);
  await sandbox.control("advance", { seconds: 3 * 86400 });
  await sandbox.send(OTHER);
  await reads(phone(page, OTHER).locator(".meta time"), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
});

test("an error of the control API is shown", async () => {
  await page.getByLabel("Advance by").fill("99999");
  await page.getByLabel("Unit").selectOption("days");
  await page.getByRole("button", { name: "Advance", exact: true }).click();
  await reads(page.locator("#advance-error"), "the clock cannot be more than a hundred years ahead");
  await scriptFailure("Reason 5", { to: "12" });
  await reads(page.locator("#script-error"), /local form/);
  await scriptFailure("Reason 5", { to: TO });
  await reads(page.locator("#script-error"), "");
});

test("the next requests fail as scripted, and the script is listed", async () => {
  await scriptFailure("Reason 5: unknown error", { times: 2 });
  await reads(page.locator("#waiting"), "2 to come");
  await scriptFailure("HTTP 503", { group: "HTTP errors with HTML" });
  await reads(page.locator("#waiting"), "3 to come");
  assert.deepEqual(await listedScript(), [
    "The service refuses: Reason 5: unknown error 2 times, whoever asks",
    "HTTP errors with HTML: HTTP 503 1 time, whoever asks",
  ]);
  assert.equal((await sandbox.send(TO, { status: 3 })).reason, 5);
  await reads(page.locator("#waiting"), "2 to come");
  await sandbox.check(TO, "123456", 3);
  assert.equal((await sandbox.send(TO, { status: 8 })).http_status, 503);
  await reads(page.locator("#waiting"), "");
  await page.locator("#script-empty").waitFor();
  await sandbox.send(TO);
});

test("a failure for one number does not apply to others", async () => {
  await scriptFailure("Reason 3", { to: "052-123-4567" });
  await reads(page.locator("#waiting"), "1 to come");
  assert.deepEqual(await listedScript(), ["The service refuses: Reason 3: the sender is not approved 1 time, for 052-123-4567"]);
  await sandbox.send(TO);
  await sandbox.send(OTHER, { status: 3 });
  await reads(page.locator("#waiting"), "");
  await sandbox.send(OTHER);
});

test("a Send whose answer is lost shows its message", async () => {
  await scriptFailure("Done, and the answer is lost");
  await reads(page.locator("#waiting"), "1 to come");
  assert.equal((await sandbox.send(TO, { status: 7 })).reached, "UNKNOWN");
  const code = await sandbox.code(TO);
  await message(page, code).waitFor();
  await sandbox.check(TO, code, 0);
});

test("a code that a failure lets expire is shown as expired", async () => {
  await scriptFailure("The code has expired");
  await sandbox.send(TO);
  await reads(phone(page, TO).locator(".state"), "expired");
});

test("every failure in the menu can be scripted", async () => {
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
  await reads(page.locator("#script-entries li").last(), `and ${failures.length - 20} more`);
  await reads(page.locator("#script-error"), "");
});

test("the failures are found by their groups and labels", async () => {
  const options = page.locator("#script-failure option");
  await options.first().waitFor({ state: "attached" });
  const search = page.getByLabel("Search the failures");
  await search.fill("503 fail");
  assert.deepEqual(await page.locator("#script-failure optgroup").evaluateAll((all) => all.map(({ label }) => label)),
    ["HTTP errors with the service's FAIL"]);
  await page.getByRole("button", { name: "Let the next requests fail" }).click();
  await reads(page.locator("#script-entries li").first(), /^HTTP errors with the service's FAIL: HTTP 503/);
  await search.fill("no such thing");
  await reads(page.locator("#failure-none"), "No failure matches.");
  assert.equal(await options.count(), 0);
  await search.fill("");
  assert.equal(await options.count(), (await sandbox.control("failures")).failures.length);
});

test("the test numbers are listed, and fail as listed", async () => {
  await page.locator("#test-numbers summary").click();
  const items = page.locator("#test-number-list li");
  const { numbers } = await sandbox.control("failures");
  assert.equal(await items.count(), numbers.length);
  const { to } = numbers.find(({ failure }) => failure.reason === 6);
  await reads(items.filter({ hasText: to }), new RegExp(`^${to} Copy .*reason 6`));
  assert.equal((await sandbox.send(to, { status: 3 })).reason, 6);
});

test("a reset asks first, then deletes everything", async () => {
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

/** Runs a snippet of the page in a shell. */
async function runSnippet(shown, index) {
  const snippet = await shown.locator("#snippets .copy bdi").nth(index).textContent();
  const command = snippet.replace(/^verifysms/m, process.env.VERIFYSMS);
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", command], { encoding: "utf8" });
  assert.equal(status, 0, `${command}\n${stderr}`);
  return stdout;
}

test("the snippets on the page send the first messages", async () => {
  await runSnippet(page, 0);
  await reads(page.locator("#summary"), "1 message · 1 number");
  assert.equal(await page.locator("#empty").isVisible(), false);
  assert.equal(JSON.parse(await runSnippet(page, 1)).status, "OK");
  await reads(page.locator("#summary"), "2 messages · 1 number");
});

test("over TLS the page is the same, and its snippets name the authority", async () => {
  const secure = await Sandbox.start("--port", "0", "--tls");
  const shown = await open(browser, secure, { ignoreHTTPSErrors: true });
  assert.match(secure.page, /^https:/);
  assert.equal(JSON.parse(await runSnippet(shown, 1)).status, "OK");
  await runSnippet(shown, 0);
  await reads(phone(shown, TO).locator(".state").first(), "waiting");
  await shown.getByRole("button", { name: "+10 min" }).click();
  await reads(phone(shown, TO).locator(".state").first(), "expired");
  const authority = secure.line.match(/CA file: ([^)]*)\)/)[1];
  await reads(shown.locator("#settings .copy bdi").last(), authority);
  await shown.context().close();
  await secure.stop();
});
