// The log on the page: every request and why it was refused, and the notice about the last one.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { browse, open, phone, reads, Sandbox } from "./harness.js";

const TO = "0501234567";
const SHOWN = "050-123-4567";

let browser, sandbox, page;

before(async () => { browser = await browse(); });
after(() => browser.close());

beforeEach(async () => {
  sandbox = await Sandbox.start("--port", "0");
  page = await open(browser, sandbox);
});

afterEach(async () => {
  assert.deepEqual(page.consoleErrors, [], "the console is empty");
  await page.context().close();
  await sandbox.stop();
});

const newest = () => page.locator("#requests li").first();
const notice = () => page.locator("#notice");

test("after a wrong key the page says so", async () => {
  await reads(page.locator("#empty-title"), "No message yet");
  await sandbox.post({ apiKey: "mistaken", from: "Acme", to: TO });
  const said = `The last request: Send to ${SHOWN} – rejected: reason 6, wrong key`;
  await reads(notice(), said);
  await reads(page.locator("#announcement"), said);
  await reads(page.locator("#empty-title"), "Try again");
  assert.ok(!(await page.content()).includes("mistaken"), "the key is not shown");
  await sandbox.send(TO);
  await reads(notice(), "");
  await phone(page, TO).waitFor();
  await sandbox.post({ from: "0521112222", to: TO });
  await reads(notice(), /reason 3, the sender is not approved$/);
});

test("every request is listed, the newest first, and why it was refused", async () => {
  const listed = async (to, why) => {
    await reads(newest().locator(".meta span"), to);
    await reads(newest().locator(".why"), why);
  };
  await reads(page.locator("#requests-empty"), /^None yet/);
  await sandbox.send(TO);
  await listed(`Send to ${SHOWN}`, "sent");
  await sandbox.check(TO, "none", 2);
  await listed(`Check of ${SHOWN}`, "not verified: wrong code");
  await reads(notice(), "");
  await sandbox.check(TO, await sandbox.code(TO), 0);
  await listed(`Check of ${SHOWN}`, "verified");
  await sandbox.control("script", { failure: { http: 503 } });
  await sandbox.send(TO, { status: 8 });
  await listed(`Send to ${SHOWN}`, "failed: HTTP errors with HTML: HTTP 503, as scripted");
  await sandbox.post({ from: "Acme", to: "+972501234567" });
  await listed("Send to no number", /^rejected: reason 5, the number is not in its local form/);
  await fetch(sandbox.page, { method: "POST" });
  await listed("Request", /^malformed: HTTP 405: the service takes POST/);
  assert.equal(await page.locator("#requests li").count(), 6);
  await page.reload();
  await page.locator("#connection[data-state=live]").waitFor();
  await listed("Request", /^malformed/);
  await reads(notice(), /^The last request: Request – malformed/);
  await sandbox.control("reset", null);
  await page.locator("#requests-empty").waitFor();
  assert.equal(await page.locator("#requests li").count(), 0);
  await reads(notice(), "");
});

test("only the newest 50 requests are listed", async () => {
  for (let number = 0; number < 55; number += 1) {
    await sandbox.post({ apiKey: "none", from: "Acme", to: `05000000${10 + number}` });
  }
  await reads(newest().locator(".meta span"), "Send to 050-000-0064");
  assert.equal(await page.locator("#requests li").count(), 50);
  await reads(page.locator("#requests li").last().locator(".meta span"), "Send to 050-000-0015");
});
