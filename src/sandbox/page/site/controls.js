// The controls: the clock, the failures, the reset, and how to send to the sandbox. All use the control API.

import { ask } from "./api.js";
import { announce, byId, copyButton, create, plural, setText } from "./dom.js";
import { formatAhead, formatTime, now } from "./clock.js";
import { formatNumber, recentNumbers } from "./phones.js";

/** How many entries of the script are listed. */
const MAX_LISTED = 20;

/** The preset failures, and their labels by their JSON. */
let presets = [];
const labels = new Map();

/** The entries of the script. */
let script = [];

/** The last answer with the preset failures, and the last settings shown. */
let lastFailures;
let lastSettings;

async function advance(seconds, text) {
  if (await ask("POST", "advance", { seconds }, byId("advance-error"))) {
    announce(`The clock is ${text} further`);
  }
}

function initClock() {
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => advance(Number(button.dataset.advance), button.textContent.slice(1)));
  }
  byId("advance").addEventListener("submit", (event) => {
    event.preventDefault();
    const [amount, unit] = [byId("advance-amount").valueAsNumber, byId("advance-unit")];
    advance(amount * Number(unit.value), `${amount} ${unit.selectedOptions[0].text}`);
  });
}

/** Shows the present time of the clock. */
export function showClock() {
  setText(byId("clock"), formatTime(now()));
  setText(byId("ahead"), formatAhead());
}

function initReset() {
  const dialog = byId("confirm");
  byId("reset").addEventListener("click", () => {
    setText(byId("reset-error"), "");
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    if (event.submitter.value !== "reset") {
      return;
    }
    event.preventDefault();
    if (await ask("POST", "reset", undefined, byId("reset-error"))) {
      dialog.close();
      announce("The sandbox is reset");
    }
  });
}

/** Loads the menu of failures and the list of test numbers. */
export async function loadFailures() {
  const response = await fetch("/control/failures").catch(() => undefined);
  if (!response?.ok) {
    return;
  }
  const text = await response.text();
  if (text === lastFailures) {
    return;
  }
  lastFailures = text;
  const { failures, numbers } = JSON.parse(text);
  presets = failures;
  labels.clear();
  for (const { group, label, failure } of failures) {
    labels.set(JSON.stringify(failure), `${group}: ${label}`);
  }
  listFailures();
  byId("test-number-list").replaceChildren(...numbers.map(({ to, label }) =>
    create("li", {}, copyButton(to, formatNumber(to)), " ", create("span", {}, label.replace(/^always /, "")))));
  listScript();
}

/** Lists the failures that have every word of the search, by their groups. */
function listFailures() {
  const words = byId("failure-search").value.toLowerCase().split(/\s+/);
  const groups = new Map();
  for (const { group, label, failure } of presets) {
    const value = JSON.stringify(failure);
    const text = `${group} ${label} ${value}`.toLowerCase();
    if (words.every((word) => text.includes(word))) {
      groups.set(group, groups.get(group) ?? create("optgroup", { label: group }));
      groups.get(group).append(create("option", { value }, label));
    }
  }
  const menu = byId("script-failure");
  const chosen = menu.value;
  menu.replaceChildren(...groups.values());
  menu.value = chosen;
  menu.selectedIndex = Math.max(0, menu.selectedIndex);
  setText(byId("failure-none"), groups.size ? "" : "No failure matches.");
}

/** The label of a failure. */
export function labelOf(failure) {
  const value = JSON.stringify(failure);
  return labels.get(value) ?? value;
}

function initFailures() {
  byId("failure-search").addEventListener("input", listFailures);
  byId("script-to").addEventListener("focus", () => {
    byId("numbers").replaceChildren(...recentNumbers().map((to) => create("option", { value: to })));
  });
  byId("script").addEventListener("submit", async (event) => {
    event.preventDefault();
    const to = byId("script-to").value.replaceAll(/[\s-]/g, "");
    const count = byId("script-count").valueAsNumber;
    const entry = { failure: JSON.parse(byId("script-failure").value), count };
    const answer = await ask("POST", "script", to ? { ...entry, to } : entry, byId("script-error"));
    if (answer) {
      announce(`${plural(answer.waiting, "request", "requests")} will fail`);
    }
  });
}

/** Shows the script. Without entries it has the same as before. */
export function showScript({ waiting, entries }) {
  setText(byId("waiting"), waiting ? `${waiting.toLocaleString("en")} to come` : "");
  if (entries) {
    script = entries;
    listScript();
  }
}

function listScript() {
  byId("script-empty").hidden = script.length > 0;
  const listed = script.slice(0, MAX_LISTED).map((entry) => {
    const target = entry.to ? ["for ", create("bdi", { dir: "ltr" }, formatNumber(entry.to))] : ["whoever asks"];
    return create("li", {}, labelOf(entry.failure),
      create("span", { class: "muted" }, ` ${plural(entry.count, "time", "times")}, `, ...target));
  });
  const rest = script.length - MAX_LISTED;
  const more = rest > 0 ? [create("li", { class: "muted" }, `and ${rest} more`)] : [];
  byId("script-entries").replaceChildren(...listed, ...more);
}

/** Shows the client's settings, and commands that send a message. */
export function showSettings({ api_key: key, ca_file: authority }) {
  const settings = JSON.stringify([key, authority]);
  if (settings === lastSettings) {
    return;
  }
  lastSettings = settings;
  const url = `${location.origin}/sms/verifySMS`;
  const snippet = (name, text) => create("div", { class: "snippet" }, create("h3", {}, name), copyButton(text, name));
  const trusted = authority ? [snippet("Certificate authority", authority)] : [];
  byId("settings").replaceChildren(snippet("URL", url), snippet("Key", key), ...trusted);
  const option = (name) => authority ? ` ${name} ${shellQuote(authority)}` : "";
  const command = `export VERIFYSMS_URL=${url}\nexport VERIFYSMS_API_KEY=${shellQuote(key)}\n`
    + `verifysms send 050-123-4567 --sender Acme${option("--ca-file")}`;
  const curl = `curl ${url}${option("--cacert")} -F ${shellQuote(`apiKey=${key}`)} -F from=Acme -F to=0501234567`;
  byId("snippets").replaceChildren(snippet("With the command", command), snippet("With curl", curl));
}

function shellQuote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Adds the controls' event listeners. */
export function initControls() {
  initClock();
  initReset();
  initFailures();
  // A wide window has room for all panels.
  if (matchMedia("(min-width: 60rem)").matches) {
    for (const panel of document.querySelectorAll(".panel")) {
      panel.open = true;
    }
  }
}
