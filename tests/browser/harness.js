// What the browser tests stand on: a sandbox of the built command, the real client, and Chromium.
//
// VERIFYSMS names the command, CHROMIUM the browser. Nothing here knows what the page looks like.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const { VERIFYSMS, CHROMIUM } = process.env;

// The environment's proxy is not for this machine itself.
for (const name of Object.keys(process.env).filter((one) => /_proxy$/i.test(one))) {
  delete process.env[name];
}

/** How long the page may take to show something; a busy machine is slow, a defect never comes. */
export const PATIENCE = 15_000;

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  // Whatever the page or the browser should think of: no name leads anywhere.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Starts Chromium without a window. */
export function browse() {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** The sandboxes' processes: whatever happens to the tests, none outlives them. */
const running = new Set();
process.once("exit", () => running.forEach((one) => one.kill()));

/** A running sandbox of the command. */
export class Sandbox {
  static async start(...options) {
    const sandbox = new Sandbox();
    sandbox.process = spawn(VERIFYSMS, ["sandbox", ...options], { stdio: ["ignore", "pipe", "inherit"] });
    running.add(sandbox.process);
    const [line] = await once(createInterface(sandbox.process.stdout), "line");
    sandbox.line = line;
    sandbox.url = line.match(/https?:\S+/)[0];
    sandbox.page = new URL("/", sandbox.url).href;
    sandbox.port = new URL(sandbox.url).port;
    return sandbox;
  }

  /** Runs the command as a client, and gives what it says as JSON. Its exit status must be the one named. */
  async client(status, ...words) {
    const environment = { ...process.env, VERIFYSMS_URL: this.url, VERIFYSMS_API_KEY: "sandbox-key" };
    const [subcommand, ...rest] = words;
    const client = spawn(VERIFYSMS, [subcommand, "--json", ...rest], { env: environment });
    let printed = "";
    client.stdout.on("data", (data) => { printed += data; });
    const [ended] = await once(client, "close");
    assert.equal(ended, status, `${words.join(" ")}: ${printed}`);
    return JSON.parse(printed);
  }

  /** Has the real client send a code. */
  send(to, { sender = "Acme", message, status = 0 } = {}) {
    return this.client(status, "send", "--sender", sender, ...(message ? ["--message", message] : []), "--", to);
  }

  /** Has the real client check a code: status 0 is verified, 2 is not. */
  check(to, code, status) {
    return this.client(status, "check", "--", to, code);
  }

  /** Asks the control API, as another program would. */
  async control(path, body) {
    const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const reply = await fetch(new URL(`/control/${path}`, this.page), body === undefined ? {} : post);
    assert.ok(reply.ok, `${path}: ${reply.status}`);
    return reply.json();
  }

  /** Posts a form to the service by hand, for what no client would send. */
  async post(fields) {
    const form = new URLSearchParams({ apiKey: "sandbox-key", ...fields });
    const reply = await fetch(this.url, { method: "POST", body: form });
    return reply.json();
  }

  /** The code that was last sent to a number. */
  async code(to) {
    return (await this.control(`messages?to=${to}`)).messages[0].code;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill();
      await once(this.process, "exit");
    }
    running.delete(this.process);
  }
}

/** A page of a sandbox, watched: what it says on the console and where it goes. */
export async function open(browser, sandbox, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.complaints = [];
  page.requests = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      page.complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  context.on("request", (request) => page.requests.push(request.url()));
  await page.goto(sandbox.page);
  await page.locator("#connection[data-state=live]").waitFor();
  return page;
}

/** What the page shows for a number in its local form. */
export function phone(page, to) {
  return page.locator(`.phone[data-to="${to}"]`);
}

/** The message with a code. */
export function message(page, code) {
  return page.locator(".message").filter({ has: page.getByRole("button", { name: code }) });
}

/** Waits until a text is there, and fails with what is there instead. */
export async function reads(locator, expected) {
  const matches = (text) => expected instanceof RegExp ? expected.test(text) : text === expected;
  const deadline = Date.now() + PATIENCE;
  let text;
  do {
    text = await locator.textContent();
    if (matches(text)) {
      return;
    }
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  } while (Date.now() < deadline);
  assert.fail(`it reads ${JSON.stringify(text)}, not ${expected}`);
}
