// The browser tests' fixtures: a sandbox of the built command, the real client, and Chromium.
//
// VERIFYSMS is the path of the command, CHROMIUM that of the browser.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const { VERIFYSMS, CHROMIUM } = process.env;

// A proxy from the environment cannot reach this machine.
for (const name of Object.keys(process.env).filter((one) => /_proxy$/i.test(one))) {
  delete process.env[name];
}

/** How long the page may take to show something. */
export const TIMEOUT_MS = 15_000;

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  // No name resolves.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Starts Chromium without a window. */
export function browse() {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** The sandboxes' processes, which end with the tests. */
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

  /** Runs the command as a client, expects an exit status, and returns the JSON that it prints. */
  async client(status, ...args) {
    const environment = { ...process.env, VERIFYSMS_URL: this.url, VERIFYSMS_API_KEY: "sandbox-key" };
    const [subcommand, ...rest] = args;
    const client = spawn(VERIFYSMS, [subcommand, "--json", ...rest], { env: environment });
    let printed = "";
    client.stdout.on("data", (data) => { printed += data; });
    const [ended] = await once(client, "close");
    assert.equal(ended, status, `${args.join(" ")}: ${printed}`);
    return JSON.parse(printed);
  }

  /** Sends a code with the real client. */
  send(to, { sender = "Acme", message, status = 0 } = {}) {
    return this.client(status, "send", "--sender", sender, ...(message ? ["--message", message] : []), "--", to);
  }

  /** Checks a code with the real client: status 0 is verified, 2 is not. */
  check(to, code, status) {
    return this.client(status, "check", "--", to, code);
  }

  /** Sends a request to the control API: POST with a body, else GET. */
  async control(path, body) {
    const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const reply = await fetch(new URL(`/control/${path}`, this.page), body === undefined ? {} : post);
    assert.ok(reply.ok, `${path}: ${reply.status}`);
    return reply.json();
  }

  /** Posts a form to the service, also one that no client would send. */
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

/** Opens the page of a sandbox and records its console and its requests. */
export async function open(browser, sandbox, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  page.consoleErrors = [];
  page.requests = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      page.consoleErrors.push(message.text());
    }
  });
  page.on("pageerror", (error) => page.consoleErrors.push(String(error)));
  context.on("request", (request) => page.requests.push(request.url()));
  await page.goto(sandbox.page);
  await page.locator("#connection[data-state=live]").waitFor();
  return page;
}

/** The column of a number, in its local form. */
export function phone(page, to) {
  return page.locator(`.phone[data-to="${to}"]`);
}

/** The message with a code. */
export function message(page, code) {
  return page.locator(".message").filter({ has: page.getByRole("button", { name: code }) });
}

/** Waits until an element has a text; fails with its actual text. */
export async function reads(locator, expected) {
  const matches = (text) => expected instanceof RegExp ? expected.test(text) : text === expected;
  const deadline = Date.now() + TIMEOUT_MS;
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
