// What steers the sandbox: its clock, its failures, the reset. All through the control API.

import { announce, copyButton, count, find, make, say } from "./dom.js";
import { ahead, now, timeOfDay } from "./clock.js";
import { numbers, written } from "./phones.js";

/** How many of the failures to come are listed. */
const LISTED = 20;

/** The names of failures, by how the control API writes them. */
const labels = new Map();

/** The failures to come. */
let script = [];

/** What the sandbox said last of the failures that there are. */
let learned;

/** The settings in the lessons. */
let taught;

/** Asks the control API, and gives its answer; what it refuses is shown in the element and is undefined. */
async function control(path, body, fault) {
  say(fault, "");
  try {
    const reply = await fetch(`/control/${path}`, {
      method: "POST",
      headers: body && { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const answer = await reply.json();
    if (reply.ok) {
      return answer;
    }
    say(fault, answer.error);
  } catch {
    say(fault, "The sandbox does not answer.");
  }
  return undefined;
}

async function advance(seconds, inWords) {
  if (await control("advance", { seconds }, find("advance-fault"))) {
    announce(`The clock is ${inWords} further`);
  }
}

function steerClock() {
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => advance(Number(button.dataset.advance), button.textContent.slice(1)));
  }
  find("advance").addEventListener("submit", (event) => {
    event.preventDefault();
    const [amount, unit] = [find("advance-amount").valueAsNumber, find("advance-unit")];
    advance(amount * Number(unit.value), `${amount} ${unit.selectedOptions[0].text}`);
  });
}

/** Shows the clock of this moment. */
export function tickClock() {
  say(find("clock"), timeOfDay(now()));
  say(find("ahead"), ahead());
}

function steerReset() {
  const dialog = find("confirm");
  find("reset").addEventListener("click", () => {
    say(find("reset-fault"), "");
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    if (event.submitter.value !== "reset") {
      return;
    }
    event.preventDefault();
    if (await control("reset", undefined, find("reset-fault"))) {
      dialog.close();
      announce("The sandbox is reset");
    }
  });
}

/** Fills the menu of failures and the list of numbers with what the sandbox knows. */
export async function learnFailures() {
  const answer = await fetch("/control/failures").catch(() => undefined);
  if (!answer?.ok) {
    return;
  }
  const text = await answer.text();
  if (text === learned) {
    return;
  }
  learned = text;
  const { failures, numbers: always } = JSON.parse(text);
  labels.clear();
  const groups = new Map();
  for (const { group, label, failure } of failures) {
    const value = JSON.stringify(failure);
    labels.set(value, `${group}: ${label}`);
    if (!groups.has(group)) {
      groups.set(group, make("optgroup", { label: group }));
    }
    groups.get(group).append(make("option", { value }, label));
  }
  find("script-failure").replaceChildren(...groups.values());
  find("always-list").replaceChildren(...always.map(({ to, label }) =>
    make("li", {}, copyButton(to, written(to)), " ", make("span", {}, label.replace(/^always /, "")))));
  listScript();
}

function steerFailures() {
  find("script-to").addEventListener("focus", () => {
    find("numbers").replaceChildren(...numbers().map((to) => make("option", { value: to })));
  });
  find("script").addEventListener("submit", async (event) => {
    event.preventDefault();
    const to = find("script-to").value.replaceAll(/[\s-]/g, "");
    const times = find("script-count").valueAsNumber;
    const order = { failure: JSON.parse(find("script-failure").value), count: times };
    const answer = await control("script", to ? { ...order, to } : order, find("script-fault"));
    if (answer) {
      announce(`${count(answer.waiting, "request", "requests")} will fail`);
    }
  });
}

/** Shows the failures to come; without entries those are the same as before. */
export function showScript({ waiting, entries }) {
  say(find("waiting"), waiting ? `${waiting.toLocaleString("en")} to come` : "");
  if (entries) {
    script = entries;
    listScript();
  }
}

function listScript() {
  find("scripted-none").hidden = script.length > 0;
  const listed = script.slice(0, LISTED).map((entry) => {
    const value = JSON.stringify(entry.failure);
    const whose = entry.to ? ["for ", make("bdi", { dir: "ltr" }, written(entry.to))] : ["whoever asks"];
    return make("li", {}, labels.get(value) ?? value,
      make("span", { class: "soft" }, ` ${count(entry.count, "time", "times")}, `, ...whose));
  });
  const rest = script.length - LISTED;
  find("scripted").replaceChildren(...listed, ...(rest > 0 ? [make("li", { class: "soft" }, `and ${rest} more`)] : []));
}

/** Shows where to send what, with what a client has to know. */
export function teach({ api_key: key, ca_file: authority }) {
  const settings = JSON.stringify([key, authority]);
  if (taught === settings) {
    return;
  }
  taught = settings;
  const url = `${location.origin}/sms/verifySMS`;
  const named = (name, value) => make("div", { class: "lesson" }, make("h3", {}, name), copyButton(value, name));
  const trusted = authority ? [named("Certificate authority", authority)] : [];
  find("settings").replaceChildren(named("URL", url), named("Key", key), ...trusted);
  const [trust, forCurl] = authority ? [` --ca-file ${quoted(authority)}`, ` --cacert ${quoted(authority)}`] : ["", ""];
  const command = `export VERIFYSMS_URL=${url}\nexport VERIFYSMS_API_KEY=${quoted(key)}\n`
    + `verifysms send 050-123-4567 --sender Acme${trust}`;
  const curl = `curl ${url}${forCurl} -F ${quoted(`apiKey=${key}`)} -F from=Acme -F to=0501234567`;
  find("lessons").replaceChildren(named("With the command", command), named("With curl", curl));
}

/** A word as a shell reads it. */
function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Makes the controls work. */
export function steer() {
  steerClock();
  steerReset();
  steerFailures();
  // Where there is room, nothing hides.
  if (matchMedia("(min-width: 60rem)").matches) {
    for (const panel of document.querySelectorAll(".panel")) {
      panel.open = true;
    }
  }
}
