// The page's speed with 50 numbers and 200 messages, and during a flood of messages.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { browse, open, phone, reads, Sandbox } from "./harness.js";

let browser, sandbox, page;

before(async () => { browser = await browse(); });
after(() => browser.close());

beforeEach(async () => {
  sandbox = await Sandbox.start("--port", "0");
  page = await open(browser, sandbox);
});

afterEach(async () => {
  assert.deepEqual(page.consoleErrors, []);
  await page.context().close();
  await sandbox.stop();
});

const number = (index) => `05000000${String(index % 50).padStart(2, "0")}`;

/** Sends many messages, four at a time. */
async function flood(count) {
  let next = 0;
  const post = async () => {
    while (next < count) {
      next += 1;
      await sandbox.post({ from: "Acme", to: number(next) });
    }
  };
  await Promise.all([post(), post(), post(), post()]);
}

/** The shortest time in which the page replaces 200 messages by 200 others, or shows the same again. */
function shortestTime(isChange) {
  return page.evaluate(async (change) => {
    const { showMessages } = await import("/site/phones.js");
    const now = Date.now() / 1000;
    const data = (first) => {
      const messages = Array.from({ length: 200 }, (_, index) => ({
        unique: String(first + index),
        to: `05000000${String(index % 50).padStart(2, "0")}`,
        sender: "Acme",
        text: `Your verification code is: ${100000 + index}`,
        code: String(100000 + index),
        time: Math.floor(now),
        expires: Math.floor(now) + 600,
        state: "waiting",
        wrong_tries: 0,
        encoding: "GSM-7",
        length: 33,
        parts: 1,
        delivery: null,
        report: 102,
      }));
      return { messages: messages.reverse(), oldest: first, total: 200 };
    };
    let [first, shortest] = [1, Infinity];
    for (let round = 0; round < 10; round += 1) {
      await new Promise((resolve) => { requestAnimationFrame(resolve); });
      const start = performance.now();
      showMessages(data(first), false);
      document.body.getBoundingClientRect();
      shortest = Math.min(shortest, performance.now() - start);
      first += change ? 200 : 0;
    }
    return shortest;
  }, isChange);
}

test("200 messages of 50 numbers are shown at once, and the same again far faster", async () => {
  const [changed, unchanged] = [await shortestTime(true), await shortestTime(false)];
  console.log(`200 new messages: ${changed.toFixed(1)} ms; the same 200: ${unchanged.toFixed(1)} ms`);
  assert.ok(changed < 200, `${changed} ms`);
  assert.ok(unchanged < changed / 4, `${unchanged} ms for the same, ${changed} ms for new ones`);
});

test("a flood is shown to its last message", async () => {
  await flood(1000);
  await reads(page.locator("#summary"), "1,000 messages · 50 numbers");
  assert.equal(await page.locator(".message").count(), 200);
  await reads(phone(page, number(0)).locator(".copy bdi").first(), await sandbox.code(number(0)));
  await reads(page.locator("#connection"), "live");
});

test("one more message changes only its own phone", async () => {
  await flood(50);
  await reads(page.locator("#summary"), "50 messages · 50 numbers");
  await page.evaluate(() => {
    globalThis.changed = new Set();
    const lists = document.querySelectorAll(".phone ol");
    const observer = new MutationObserver((records) => {
      records.forEach(({ target }) => globalThis.changed.add(target.closest(".phone").dataset.to));
    });
    lists.forEach((list) => observer.observe(list, { childList: true }));
  });
  await sandbox.post({ from: "Acme", to: number(7) });
  await reads(page.locator("#summary"), "51 messages · 50 numbers");
  assert.deepEqual(await page.evaluate(() => [...globalThis.changed]), [number(7)]);
});
