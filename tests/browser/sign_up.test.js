// The page of Python's examples, whatever its server answers.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { browse, TIMEOUT_MS } from "./harness.js";

const SITE = "http://127.0.0.1/";
const html = await readFile(new URL("../../bindings/python/examples/sign_up.html", import.meta.url), "utf8");

let browser;

before(async () => { browser = await browse(); });

after(() => browser.close());

/** The page, of a server that answers each path as `answers` says. */
async function open(answers) {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  await page.route("**/*", (route) => {
    const path = new URL(route.request().url()).pathname;
    const [status, body] = { "/": [200, html], "/phone/ready": [200, { ready: true }], ...answers }[path];
    const isHtml = typeof body === "string";
    const contentType = isHtml ? "text/html" : "application/json";
    return route.fulfill({ status, contentType, body: isHtml ? body : JSON.stringify(body) });
  });
  await page.goto(SITE);
  return page;
}

/** Types the number, and asks for a code. */
async function send(page) {
  await page.fill("[name=number]", "050-123-4567");
  await page.click("#phone button");
}

/** Waits for the sentence. */
const said = (page, text) => page.waitForFunction((one) => document.getElementById("status").textContent === one, text);

test("who has no tries left may ask for a new code", async () => {
  const page = await open({
    "/phone": [200, { sent: true, retry_after: 0, text: "sent" }],
    "/phone/code": [429, { retry_after: 614, text: "no tries left" }],
  });
  await send(page);
  await page.fill("[name=code]", "000000");
  await page.click("#code button");
  await said(page, "no tries left");
  assert.equal(await page.isEnabled("#again"), true);
});

test("another code may be asked for after the wait that a send says", async () => {
  const page = await open({ "/phone": [200, { sent: true, retry_after: 30, text: "sent" }] });
  await send(page);
  await said(page, "sent");
  await page.waitForSelector("#again:disabled");
  assert.match(await page.textContent("#wait"), /^0:(30|2\d)$/);
});

test("after a reload the code of before can be typed", async () => {
  const page = await open({ "/phone": [429, { sent: false, retry_after: 20, text: "wait" }] });
  await send(page);
  await said(page, "wait");
  assert.equal(await page.isVisible("[name=code]"), true);
});

test("who has no code is asked for none", async () => {
  const page = await open({ "/phone": [429, { retry_after: 20, text: "wait" }] });
  await send(page);
  await said(page, "wait");
  assert.equal(await page.isVisible("[name=code]"), false);
});

test("a page of HTML in place of an answer is no silence", async () => {
  const page = await open({ "/phone": [502, "<h1>Bad Gateway</h1>"] });
  await send(page);
  await said(page, "השרת אינו זמין כרגע. אפשר לנסות שוב בעוד רגע.");
  assert.equal(await page.isVisible("[name=code]"), false);
});
