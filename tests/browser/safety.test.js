// What the page lets nobody do, whatever is sent to the sandbox; and that it gets over the sandbox's end.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, message, open, phone, reads, Sandbox } from "./harness.js";

const TO = "0501234567";
const OWNED = "document.documentElement.dataset.owned = 1";

let browser;

before(async () => { browser = await browse(); });
after(() => browser.close());

/** Opens a page of a sandbox of its own and ends both afterwards. */
async function visit(options, use) {
  const sandbox = await Sandbox.start("--port", "0", ...options);
  const page = await open(browser, sandbox);
  try {
    await use(page, sandbox);
  } finally {
    await page.context().close();
    await sandbox.stop();
  }
}

/** Nothing but the page was loaded, nothing ran, nobody complained. */
async function isUntouched(page, sandbox) {
  assert.equal(await page.locator("html").getAttribute("data-owned"), null);
  assert.deepEqual(page.complaints, []);
  const known = /^\/(|site\/[a-z]+\.(js|css|svg)|control\/(events|failures|script|reset|advance))$/;
  for (const request of page.requests) {
    const { origin, pathname } = new URL(request);
    assert.equal(origin, new URL(sandbox.page).origin, request);
    assert.match(pathname, known);
  }
}

test("a text with tags in it stays a text, wherever it stands", () => visit([], async (page, sandbox) => {
  const texts = [
    `<script>${OWNED}</script>##code##`,
    `<img src=/x onerror="${OWNED}">##code##`,
    `##code##</p></li><style>*{display:none}</style><svg onload="${OWNED}">`,
    `<iframe srcdoc="<script>parent.${OWNED}</script>"></iframe>##code##`,
    `&lt;b&gt; ##code##`,
    `${OWNED} javascript:##code##//`,
  ];
  for (const text of texts) {
    assert.equal((await sandbox.post({ from: "<img src=x>", to: TO, message: text })).status, "OK");
    const code = await sandbox.code(TO);
    await reads(message(page, code).locator(".text"), text.replace("##code##", code));
    await reads(message(page, code).locator(".from bdi"), "<img src=x>");
  }
  assert.equal(await page.locator("main :is(script, img, style, svg, iframe)").count(), 0);
  await isUntouched(page, sandbox);
}));

test("a key with tags in it stays a text", async () => {
  const key = `<img src=/x onerror="${OWNED}">'$(id)`;
  await visit(["--api-key", key], async (page, sandbox) => {
    await reads(page.locator("#settings .copy bdi").nth(1), key);
    const lesson = await page.locator("#lessons .copy bdi").nth(1).textContent();
    assert.ok(lesson.includes(`'apiKey=${key.replace("'", "'\\''")}'`), lesson);
    await isUntouched(page, sandbox);
  });
});

test("a text that turns its direction over turns nothing else over", () => visit([], async (page, sandbox) => {
  await sandbox.post({ from: "\u202eemcA", to: TO, message: "\u202e\u2066##code## evil" });
  await phone(page, TO).waitFor();
  const state = await phone(page, TO).locator(".meta").boundingBox();
  const [from, time] = await Promise.all([".from", "time"].map((part) => phone(page, TO).locator(part).boundingBox()));
  assert.ok(from.x - state.x < 2 && time.x > from.x + from.width, "the sender is on the left, the time on the right");
  const digits = phone(page, TO).locator(".copy bdi");
  await reads(digits, await sandbox.code(TO));
}));

test("the policy lets no script, no style and no frame in, and no data out", () => visit([], async (page, sandbox) => {
  const header = (await page.request.get(sandbox.page)).headers()["content-security-policy"];
  assert.match(header, /default-src 'none'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/);
  const tried = await page.evaluate(async (owned) => {
    const outcome = {};
    const script = document.createElement("script");
    try {
      script.text = owned;
      document.body.append(script);
      outcome.script = "taken";
    } catch {
      outcome.script = "refused";
    }
    try {
      document.body.insertAdjacentHTML("beforeend", "<b>html</b>");
      outcome.html = "taken";
    } catch {
      outcome.html = "refused";
    }
    outcome.fetch = await fetch("http://127.0.0.1:1/").then(() => "sent", () => "refused");
    const image = new Image();
    outcome.image = await new Promise((resolve) => {
      image.onload = () => resolve("loaded");
      image.onerror = () => resolve("refused");
      image.src = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";
    });
    return outcome;
  }, OWNED);
  assert.deepEqual(tried, { script: "refused", html: "refused", fetch: "refused", image: "refused" });
  assert.equal(await page.locator("html").getAttribute("data-owned"), null);
}));

test("another page cannot have it in a frame or read what it reads", () => visit([], async (page, sandbox) => {
  // A page of another site of this machine: the same address, another port.
  const other = await Sandbox.start("--port", "0");
  const foreign = await page.context().newPage();
  await foreign.goto(other.page);
  const stolen = await foreign.evaluate(async (url) => {
    const ask = (path, options) => fetch(url + path, options).then((reply) => reply.status, () => "refused");
    return [await ask("control/messages"), await ask("control/events"), await ask("control/reset", { method: "POST", mode: "no-cors" })];
  }, sandbox.page);
  assert.deepEqual(stolen, ["refused", "refused", "refused"], "its own policy");
  await foreign.route("http://site.invalid/**", (route) => route.fulfill({
    contentType: "text/html", body: `<iframe src="${sandbox.page}"></iframe>`,
  }));
  await sandbox.send(TO);
  await foreign.goto("http://site.invalid/");
  const asked = await foreign.evaluate(async (url) => {
    const ask = (path, options) => fetch(url + path, options).then((reply) => reply.type, () => "refused");
    return [
      await ask("control/messages"),
      await ask("control/reset", { method: "POST", mode: "no-cors" }),
      await new Promise((resolve) => {
        const stream = new EventSource(`${url}control/events`);
        stream.onmessage = stream.onopen = () => resolve("opened");
        stream.onerror = () => resolve("refused");
      }),
    ];
  }, sandbox.page);
  assert.deepEqual(asked.filter((outcome) => !["refused", "opaque"].includes(outcome)), []);
  const [, frame] = foreign.frames();
  assert.equal(await frame.locator("#phones").count(), 0, "the frame stays empty");
  assert.equal((await sandbox.control("messages")).messages.length, 1, "nothing was reset");
  await other.stop();
}));

test("nothing is loaded but the page, and nothing is complained of", () => visit([], async (page, sandbox) => {
  await sandbox.send(TO);
  await phone(page, TO).waitFor();
  await page.getByRole("button", { name: "+1 min" }).click();
  await reads(page.locator("#ahead"), /^1 min( \d s)? ahead$/);
  await isUntouched(page, sandbox);
}));

test("the page says when the sandbox is gone, and follows the next one at its address", async () => {
  const first = await Sandbox.start("--port", "0");
  const page = await open(browser, first);
  await first.send(TO);
  await phone(page, TO).waitFor();
  await first.stop();
  await page.locator("#connection[data-state=lost]").waitFor();
  await reads(page.locator("#connection"), "not connected, trying again");
  await page.getByRole("button", { name: "+1 min" }).click();
  await reads(page.locator("#advance-fault"), "The sandbox does not answer.");
  assert.equal(await page.locator(".message").count(), 1, "what was seen is still there");

  const second = await Sandbox.start("--port", first.port);
  await page.locator("#connection[data-state=live]").waitFor();
  await page.locator("#empty").waitFor();
  await second.send(TO);
  await message(page, await second.code(TO)).waitFor();
  assert.equal(await page.locator(".message").count(), 1);
  await page.context().close();
  await second.stop();
});
