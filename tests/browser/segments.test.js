// The cost of a message, as `verifysms lint` and Twilio's calculator of segments see it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";

const { SegmentedMessage } = createRequire(import.meta.url)("sms-segments-calculator");

/** How many texts are compared. SEED in the environment repeats a run. */
const TEXTS = 400;
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));

/** Mulberry32, a small generator of random numbers. */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = generator(seed);
const pick = (list) => list[Math.floor(random() * list.length)];

/** All of the GSM alphabet and its extension, and characters that it lacks. The calculator takes a character with
 *  a combining mark, and a carriage return with a line feed, for one that may not be split: there are none here. */
const PLAIN = [...'@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà'];
const EXTENDED = [..."^{}\\[~]|€"];
const OTHERS = [..."אבגשת“”’–…`çőÀ😀🎉𝄞"];

/** A text of about `length` characters, with a few of the rarer ones. */
function text(length) {
  const rare = pick([[], EXTENDED, OTHERS, [...EXTENDED, ...OTHERS]]);
  const share = pick([0.01, 0.1, 0.5]);
  const letter = () => pick(rare.length && random() < share ? rare : PLAIN);
  return Array.from({ length }, letter).join("");
}

function ours(message) {
  const words = ["lint", "--json", "-"];
  const done = spawnSync(process.env.VERIFYSMS, words, { input: `${message}\n`, encoding: "utf8" });
  const { encoding, length, parts } = JSON.parse(done.stdout);
  return { encoding, length, parts };
}

function theirs(message) {
  const { encodingName, segments, segmentsCount } = new SegmentedMessage(message);
  const units = (segment) => [...segment].reduce((sum, one) => sum + (one.codeUnits?.length ?? 0), 0);
  return { encoding: encodingName, length: segments.reduce((sum, one) => sum + units(one), 0), parts: segmentsCount };
}

test(`${TEXTS} texts cost the same, seed ${seed}`, () => {
  const found = new Set();
  for (let at = 0; at < TEXTS; at++) {
    const length = pick([1, 40, 66, 67, 68, 69, 70, 71, 80, 134, 135, 152, 153, 154, 159, 160, 161, 306, 307, 400]);
    const message = text(length);
    const expected = theirs(message);
    found.add(`${expected.encoding} ${expected.parts}`);
    assert.deepEqual(ours(message), expected, JSON.stringify(message));
  }
  for (const kind of ["GSM-7 1", "GSM-7 2", "GSM-7 3", "UCS-2 1", "UCS-2 2", "UCS-2 3"]) {
    assert.ok(found.has(kind), `no text was ${kind}`);
  }
});
