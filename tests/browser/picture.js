// Takes the README's picture of the page. With the same fonts it is always the same.
//
// The sandbox is a real one. The times are replaced by fixed ones on their way to the page, and the address by the
// default one.

import { browse, Sandbox } from "./harness.js";

const [, , file] = process.argv;
const ADDRESS = "http://127.0.0.1:8025";
/** The ages of the messages in seconds, newest first. */
const AGES = [23, 68, 268, 268];
/** Those of the requests. */
const REQUEST_AGES = [8, 23, 68, 261, 268, 268];
const MOMENT = Date.UTC(2026, 8, 1, 9, 41, 12) / 1000;

const sandbox = await Sandbox.start("--port", "0", "--seed", "6");
const browser = await browse();

/** Sends the messages for the picture. */
async function sendMessages() {
  await sandbox.send("052-765-4321", { sender: "אקמה", message: "קוד האימות שלך הוא ##code##.\nאין למסור אותו לאיש." });
  await sandbox.send("03-123-4567", { sender: "Acme", message: "##code## is your Acme code." });
  await sandbox.check("03-123-4567", await sandbox.code("031234567"), 0);
  await sandbox.control("advance", { seconds: 200 });
  await sandbox.send("050-123-4567", { message: "Acme: your code is ##code##" });
  await sandbox.control("advance", { seconds: 45 });
  await sandbox.send("050-123-4567", { message: "Acme: your code is ##code##\n\n@acme.example ###code##" });
  await sandbox.check("050-123-4567", "123456", 2);
  await sandbox.control("script", { failure: "lose_answer", count: 1, to: "0527654321" });
}

/** The first event, with fixed times. */
async function snapshot() {
  const end = new AbortController();
  const stream = await fetch(new URL("/control/events", sandbox.page), { signal: end.signal });
  let text = "";
  for await (const part of stream.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n\n")) {
      break;
    }
  }
  end.abort();
  const data = JSON.parse(text.match(/^data: (.*)$/m)[1]);
  for (const [index, message] of data.messages.entries()) {
    message.time = MOMENT - AGES[index];
    message.expires = message.time + 600;
  }
  for (const [index, request] of data.requests.entries()) {
    request.time = MOMENT - REQUEST_AGES[index];
  }
  return `event: snapshot\ndata: ${JSON.stringify({ ...data, now: MOMENT })}\n\n`;
}

await sendMessages();
const events = await snapshot();
const context = await browser.newContext({
  viewport: { width: 1280, height: 668 },
  deviceScaleFactor: 1.5,
  colorScheme: "light",
  reducedMotion: "reduce",
  timezoneId: "Asia/Jerusalem",
});
await context.route("**/*", async (route) => {
  const { pathname } = new URL(route.request().url());
  if (pathname === "/control/events") {
    await route.fulfill({ contentType: "text/event-stream", body: events });
  } else {
    const reply = await fetch(new URL(pathname, sandbox.page));
    await route.fulfill({
      status: reply.status, contentType: reply.headers.get("content-type"), body: await reply.text(),
    });
  }
});
const page = await context.newPage();
// The browser's clock stands still, as far behind the sandbox's as the sandbox was advanced.
await page.clock.install({ time: (MOMENT - 246) * 1000 });
await page.clock.pauseAt((MOMENT - 245) * 1000);
await page.goto(`${ADDRESS}/`);
await page.locator(".message").first().waitFor();
await page.locator("#connection").evaluate((element) => {
  element.dataset.state = "live";
  element.textContent = "live";
});
await page.locator("#script-failure").selectOption('"lose_answer"');
await page.screenshot({ path: file });
await browser.close();
await sandbox.stop();
