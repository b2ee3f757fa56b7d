// The page's security: hostile messages, other sites, its Content-Security-Policy. And a restart of the sandbox.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, message, open, phone, reads, Sandbox } from "./harness.js";

const TO = "0501234567";
const INJECTED = "document.documentElement.dataset.injected = 1";

let browser;

before(async () => { browser = await browse(); });
after(() => browser.close());

/** Opens the page of a new sandbox and closes both afterwards. */
async function withPage(options, use) {
  const sandbox = await Sandbox.start("--port", "0", ...options);
  const page = await open(browser, sandbox);
  try {
    await use(page, sandbox);
  } finally {
    await page.context().close();
    await sandbox.stop();
  }
}

/** Asserts that nothing was injected: no script ran, only the page was loaded, the console is empty. */
async function assertNotInjected(page, sandbox) {
  assert.equal(await page.locator("html").getAttribute("data-injected"), null);
  assert.deepEqual(page.consoleErrors, []);
  const paths = /^\/(|site\/[a-z]+\.(js|css|svg)|control\/(events|failures|script|reset|advance))$/;
  for (const request of page.requests) {
    const { origin, pathname } = new URL(request);
    assert.equal(origin, new URL(sandbox.page).origin, request);
    assert.match(pathname, paths);
  }
}

test("a text with tags in it stays a text, wherever it stands", () => withPage([], async (page, sandbox) => {
  const texts = [
    `<script>${INJECTED}</script>##code##`,
    `<img src=/x onerror="${INJECTED}">##code##`,
    `##code##</p></li><style>*{display:none}</style><svg onload="${INJECTED}">`,
    `<iframe srcdoc="<script>parent.${INJECTED}</script>"></iframe>##code##`,
    `&lt;b&gt; ##code##`,
    `${INJECTED} javascript:##code##//`,
  ];
  for (const text of texts) {
    assert.equal((await sandbox.post({ from: "<img src=x>", to: TO, message: text })).status, "OK");
    const code = await sandbox.code(TO);
    await reads(message(page, code).locator(".text"), text.replace("##code##", code));
    await reads(message(page, code).locator(".from bdi"), "<img src=x>");
  }
  assert.equal(await page.locator("main :is(script, img, style, svg, iframe)").count(), 0);
  await assertNotInjected(page, sandbox);
}));

test("a key with tags in it stays a text", async () => {
  const key = `<img src=/x onerror="${INJECTED}">'$(id)`;
  await withPage(["--api-key", key], async (page, sandbox) => {
    await reads(page.locator("#settings .copy bdi").nth(1), key);
    const snippet = await page.locator("#snippets .copy bdi").nth(1).textContent();
    assert.ok(snippet.includes(`'apiKey=${key.replace("'", "'\\''")}'`), snippet);
    await assertNotInjected(page, sandbox);
  });
});

test("a text with direction overrides changes no other text", () => withPage([], async (page, sandbox) => {
  await sandbox.post({ from: "\u202eemcA", to: TO, message: "\u202e\u2066##code## evil" });
  await phone(page, TO).waitFor();
  const state = await phone(page, TO).locator(".meta").boundingBox();
  const [from, time] = await Promise.all([".from", "time"].map((part) => phone(page, TO).locator(part).boundingBox()));
  assert.ok(from.x - state.x < 2 && time.x > from.x + from.width, "the sender is on the left, the time on the right");
  const digits = phone(page, TO).locator(".copy bdi");
  await reads(digits, await sandbox.code(TO));
}));

test("the policy blocks scripts, styles, frames and requests to others", () => withPage([], async (page, sandbox) => {
  const header = (await page.request.get(sandbox.page)).headers()["content-security-policy"];
  assert.match(header, /default-src 'none'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/);
  const tried = await page.evaluate(async (code) => {
    const outcome = {};
    const script = document.createElement("script");
    try {
      script.text = code;
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
  }, INJECTED);
  assert.deepEqual(tried, { script: "refused", html: "refused", fetch: "refused", image: "refused" });
  assert.equal(await page.locator("html").getAttribute("data-injected"), null);
}));

test("another site can neither frame the page nor read its data", () => withPage([], async (page, sandbox) => {
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

test("only the page is loaded, and the console stays empty", () => withPage([], async (page, sandbox) => {
  await sandbox.send(TO);
  await phone(page, TO).waitFor();
  await page.getByRole("button", { name: "+1 min" }).click();
  await reads(page.locator("#ahead"), /^1 min( \d s)? ahead$/);
  await assertNotInjected(page, sandbox);
}));

test("the page says when the sandbox is gone, and connects to the next one at its address", async () => {
  const first = await Sandbox.start("--port", "0");
  const page = await open(browser, first);
  await first.send(TO);
  await phone(page, TO).waitFor();
  await first.stop();
  await page.locator("#connection[data-state=lost]").waitFor();
  await reads(page.locator("#connection"), "not connected, trying again");
  await page.getByRole("button", { name: "+1 min" }).click();
  await reads(page.locator("#advance-error"), "The sandbox does not answer.");
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
