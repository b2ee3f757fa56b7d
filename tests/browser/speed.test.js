// Whether the page stays smooth when much happens: 50 numbers, 200 messages, and a flood of them.

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
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  await sandbox.stop();
});

const number = (index) => `05000000${String(index % 50).padStart(2, "0")}`;

/** Posts many messages, a few at a time, as fast as they are taken. */
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

/** How long the page takes, at its best, to show 200 messages in place of 200 others, or of themselves. */
function best(isChange) {
  return page.evaluate(async (change) => {
    const { show } = await import("/site/phones.js");
    const now = Date.now() / 1000;
    const news = (first) => {
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
      }));
      return { messages: messages.reverse(), oldest: first, total: 200 };
    };
    let [first, shortest] = [1, Infinity];
    for (let round = 0; round < 10; round += 1) {
      await new Promise((resolve) => { requestAnimationFrame(resolve); });
      const begun = performance.now();
      show(news(first), false);
      document.body.getBoundingClientRect();
      shortest = Math.min(shortest, performance.now() - begun);
      first += change ? 200 : 0;
    }
    return shortest;
  }, isChange);
}

test("200 messages of 50 numbers take a moment, and next to nothing when they have not changed", async () => {
  const [anew, again] = [await best(true), await best(false)];
  console.log(`200 new messages: ${anew.toFixed(1)} ms; the same 200: ${again.toFixed(1)} ms`);
  assert.ok(anew < 200, `${anew} ms`);
  assert.ok(again < anew / 4, `${again} ms for the same, ${anew} ms for new ones`);
});

test("a flood is shown to its last message", async () => {
  await flood(1000);
  await reads(page.locator("#summary"), "1,000 messages · 50 numbers");
  assert.equal(await page.locator(".message").count(), 200);
  await reads(phone(page, number(0)).locator(".copy bdi").first(), await sandbox.code(number(0)));
  await reads(page.locator("#connection"), "live");
});

test("one more message changes nothing but its own phone", async () => {
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
