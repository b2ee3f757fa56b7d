// The line for browsers, as `verifysms` writes and inspects it, and as two readers of it see it: the parser of the
// specification, step by step, and the one of Chromium. Chromium's own runs on Android alone, behind Google Play
// services; here are its pattern, and its real parser of the address that it makes of the host.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { browse, Sandbox } from "./harness.js";

const HASH = "FA+9qCX9VSu";
/** The number of the rule (VERIFYSMS_RULE_ORIGIN_INVALID). */
const ORIGIN_INVALID = 56;

let browser, page, sandbox;

before(async () => {
  browser = await browse();
  sandbox = await Sandbox.start("--port", "0");
  page = await (await browser.newContext()).newPage();
});

after(async () => {
  await browser.close();
  await sandbox.stop();
});

/** Section 3.2 of https://wicg.github.io/sms-one-time-codes/: the host and the code, or undefined. */
function bySpecification(message) {
  const line = message.replaceAll(/\r\n?/g, "\n").split("\n").at(-1);
  let position = 0;
  const token = (marker) => {
    const start = position + 1;
    if (line[position] !== marker) {
      return undefined;
    }
    position = start;
    while (position < line.length && !/[\t\n\f\r ]/.test(line[position])) {
      position += 1;
    }
    return line.slice(start, position) || undefined;
  };
  const host = token("@");
  if (host === undefined || line[position] !== " ") {
    return undefined;
  }
  position += 1;
  const code = token("#");
  return code === undefined ? undefined : { host, code };
}

/** The first place that looks like a line, whatever is around it; the address of the host must be one. */
async function byChromium(message) {
  const [, host, code] = message.match(/(?:^|\s)@([a-z0-9.-]+) #([^\s#]+)/i) ?? [];
  return host === undefined || !(await origin(host)) ? undefined : { host, code };
}

/** The origin that Chromium makes of a host, or null. */
function origin(host) {
  return page.evaluate((name) => {
    try {
      return new URL(`https://${name}`).origin;
    } catch {
      return null;
    }
  }, host);
}

function lint(message) {
  const done = spawnSync(process.env.VERIFYSMS, ["lint", "--json", "-"], { input: `${message}\n`, encoding: "utf8" });
  return JSON.parse(done.stdout).warnings.map(({ name }) => name);
}

/** Sends a code with lines, and returns the message as a phone shows it. */
async function sent(message, ...lines) {
  const words = ["send", "--sender", "Acme", "--message", message, ...lines, "--", "0501234567"];
  const { unique } = await sandbox.client(0, ...words);
  const { messages } = await sandbox.control("messages");
  return messages.find((one) => one.unique === unique);
}

test("what a send writes, both readers read, with the code and for the page", async () => {
  const texts = ["##code##", "Acme: ##code##.\n", "קוד האימות שלך:\n##code##", "mail@acme.example: ##code##"];
  const hosts = ["acme.example", "WWW.Acme.co.il", "https://xn--5dbqzzl.co.il", "https://24-7.example/", "localhost"];
  for (const text of texts) {
    for (const host of hosts) {
      for (const hash of [[], ["--app-hash", HASH]]) {
        const message = await sent(text, "--origin", host, ...hash);
        const expected = { host: host.replaceAll(/^https:\/\/|\/$/g, "").toLowerCase(), code: message.code };
        assert.deepEqual(bySpecification(message.text), expected, message.text);
        assert.deepEqual(await byChromium(message.text), expected, message.text);
        assert.equal(await origin(expected.host), `https://${expected.host}`);
        assert.equal(message.text.includes(HASH), hash.length > 0);
      }
    }
  }
});

test("every host that a send accepts is the one that Chromium understands", async () => {
  const parts = [
    "a", "acme", "A", "0", "24", "-", "--", "xn--", ".", "..", "_", ":", ":8443", "/", "@", "#", "%41", " ", "א", "[",
    "co.il", "1.2.3.4",
  ];
  let state = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  const pick = () => {
    state = (state * 48271) % 0x7fffffff;
    return parts[state % parts.length];
  };
  const first = state;
  let accepted = 0;
  const lists = Array.from({ length: 150 }, (_, index) => Array.from({ length: 1 + index % 5 }, pick).join(""));
  for (const host of new Set(lists)) {
    const words = ["send", "--json", "--sender", "Acme", `--origin=${host}`, "--url", sandbox.url, "--", "0501234567"];
    const environment = { ...process.env, VERIFYSMS_API_KEY: "sandbox-key" };
    const { stdout } = spawnSync(process.env.VERIFYSMS, words, { env: environment, encoding: "utf8" });
    const { code, rule } = JSON.parse(stdout);
    if (code === 0) {
      accepted += 1;
      // Blanks around it are nobody's mistake.
      const name = host.trim();
      assert.equal(await origin(name), `https://${name.toLowerCase()}`, `seed ${first}: ${host}`);
    } else {
      assert.equal(rule, ORIGIN_INVALID, `seed ${first}: ${host}: ${stdout}`);
    }
  }
  assert.ok(accepted > 5, `seed ${first}: only ${accepted} hosts were accepted`);
});

test("a line that lint has nothing against, both readers read", async () => {
  const lines = [
    "@acme.example ###code##", "@acme.example ###code## ", "@acme.example ###code##\n", "@acme.example  ###code##",
    "@acme.example\t###code##", "@acme.example ##code##", "@ ###code##", "@acme.example code ###code##",
    "Hi @acme.example ###code##", " @acme.example ###code##", "@acme.example###code##", "@acme.example:8443 ###code##",
    "@acme.example/x ###code##", "@דוגמה.co.il ###code##", "@acme_x.example ###code##", "@acme.example ###code##.",
    "@acme.example ###code## @other.example", "@acme.example #####code##", "@https://acme.example ###code##",
  ];
  const clean = [];
  for (const line of lines) {
    for (const message of [line, `Hi ##code##\n${line}`, `${line}\nHi`]) {
      if (lint(message).some((name) => name.startsWith("WEBOTP"))) {
        continue;
      }
      const text = message.replaceAll("##code##", "123456");
      const found = bySpecification(text);
      // A text without a line has nothing wrong, and nobody reads one.
      assert.deepEqual(found, await byChromium(text), message);
      if (found) {
        clean.push(message);
        assert.equal(found.code, "123456");
      }
    }
  }
  assert.deepEqual(clean, ["@acme.example ###code##", "Hi ##code##\n@acme.example ###code##"]);
});
