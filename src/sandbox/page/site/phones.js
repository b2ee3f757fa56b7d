// The messages: a column for each number, like the phone that would receive them.
// An element lives as long as its message; changes are made in place.

import { ask } from "./api.js";
import { formatCountdown, formatTime, now } from "./clock.js";
import { announce, byId, copyButton, create, plural, setText } from "./dom.js";

/** How many messages of a number are visible before "Show earlier". */
const VISIBLE_MESSAGES = 3;

/** Up to this many new messages are announced one by one and animated; more are announced as a number. */
const MAX_ANNOUNCED = 2;

/** A text with more characters scrolls. */
const LONG_TEXT = 400;

/** What Delivery Status may report of a message: the provider's code, and words for it. */
const REPORTS = new Map([
  [102, "delivered"],
  [1, "failed: phone off"],
  [4, "failed: operator"],
  [747, "failed: abroad"],
  [2, "expired"],
  [15, "blocked: kosher"],
  [17, "blocked: opted out"],
  [18, "blocked: illegal"],
]);

/** The service has a report for a week. It comes a second after the message, whose time is in whole seconds. */
const [REPORTED_AFTER, REPORTED_FOR] = [2, 7 * 24 * 60 * 60];

const phones = new Map();
const messages = new Map();

/** Formats a number in its local form as people write it: 050-123-4567, 03-123-4567. */
export function formatNumber(to) {
  const area = to.length > 9 ? 3 : 2;
  return /^0\d{8,9}$/.test(to) ? `${to.slice(0, area)}-${to.slice(area, area + 3)}-${to.slice(area + 3)}` : to;
}

/** Shows the messages of an event: all recent ones in a snapshot, those that are new or changed in others. */
export function showMessages({ messages: received, oldest, total }, isSnapshot) {
  const uniques = new Set(received.map((message) => message.unique));
  for (const message of [...messages.values()]) {
    if (message.unique < oldest || (isSnapshot && !uniques.has(String(message.unique)))) {
      message.remove();
    }
  }
  const arrived = [];
  const changed = new Set();
  for (const data of received.toReversed()) {
    const known = messages.get(data.unique);
    if (known?.isSameAs(data)) {
      known.update(data);
      continue;
    }
    known?.remove();
    arrived.push(new Message(data));
    // Each phone once, in the order of its last message.
    changed.delete(phones.get(data.to));
    changed.add(phones.get(data.to));
  }
  for (const phone of changed) {
    phone.moveToFront();
  }
  for (const phone of phones.values()) {
    phone.update();
  }
  updateCountdowns();
  byId("empty").hidden = messages.size > 0;
  byId("find").hidden = messages.size === 0;
  const numbers = plural(phones.size, "number", "numbers");
  setText(byId("summary"), messages.size ? `${plural(total, "message", "messages")} · ${numbers}` : "");
  const rest = total - messages.size;
  const more = `${plural(rest, "earlier message is", "earlier messages are")} not shown here.`;
  setText(byId("more"), rest > 0 ? more : "");
  if (isSnapshot || arrived.length === 0) {
    return;
  }
  if (arrived.length > MAX_ANNOUNCED) {
    announce(plural(arrived.length, "new message", "new messages"));
    return;
  }
  announce(arrived.map(announcementOf).join(". "));
  for (const message of arrived) {
    message.element.classList.add("arriving");
  }
}

/** The numbers that have messages, in the order of the columns. */
export function recentNumbers() {
  return [...byId("phones").children].map((element) => element.dataset.to);
}

/** Updates the countdown of every message. */
export function updateCountdowns() {
  for (const message of messages.values()) {
    message.updateState();
  }
  filter();
}

/** Whether some messages are filtered out. */
let isFiltered = false;

/** Hides the messages that have not every word of the search, or not the chosen state. */
function filter() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const state = byId("state").value;
  const wasFiltered = isFiltered;
  isFiltered = words.length > 0 || state !== "";
  if (!isFiltered && !wasFiltered) {
    return;
  }
  let shown = 0;
  for (const message of messages.values()) {
    const isShown = message.matches(words, state);
    message.element.hidden = !isShown;
    shown += Number(isShown);
  }
  byId("phones").classList.toggle("filtered", isFiltered);
  for (const phone of phones.values()) {
    phone.update();
  }
  const matches = shown ? plural(shown, "message matches", "messages match") : "No message matches";
  setText(byId("matches"), isFiltered && messages.size ? `${matches}.` : "");
}

/** Adds the event listeners of the search. */
export function initMessages() {
  byId("search").addEventListener("input", filter);
  byId("state").addEventListener("change", filter);
}

function announcementOf({ data }) {
  return `New message for ${formatNumber(data.to)} from ${data.sender}, code ${spellOut(data.code)}`;
}

/** Separates a code's digits, so that a screen reader does not read one large number. */
function spellOut(code) {
  return [...code].join(" ");
}

class Phone {
  constructor(to) {
    this.to = to;
    this.list = create("ol", { id: `list-${to}` });
    this.size = create("span", { class: "muted" });
    const attributes = { class: "toggle", "aria-expanded": "false", "aria-controls": this.list.id };
    this.toggle = create("button", { type: "button", ...attributes });
    this.toggle.addEventListener("click", () => {
      const open = this.element.classList.toggle("open");
      this.toggle.setAttribute("aria-expanded", String(open));
      this.update();
    });
    const title = create("h2", { id: `phone-${to}` }, create("bdi", { dir: "ltr" }, formatNumber(to)));
    const top = create("div", { class: "top" }, title, this.size);
    const section = { class: "phone", "aria-labelledby": title.id, "data-to": to };
    this.element = create("section", section, top, this.list, this.toggle);
    phones.set(to, this);
  }

  moveToFront() {
    const row = byId("phones");
    if (!this.element.matches(":focus-within, :active")) {
      row.prepend(this.element);
      return;
    }
    // A moved element loses the focus. So the phones before this one move.
    while (this.element.previousElementSibling) {
      this.element.after(this.element.previousElementSibling);
    }
  }

  /** Updates the number of messages; removes a phone without messages. */
  update() {
    const size = this.list.childElementCount;
    if (size === 0) {
      this.element.remove();
      phones.delete(this.to);
      return;
    }
    setText(this.size, plural(size, "message", "messages"));
    this.element.hidden = !this.list.querySelector("li:not([hidden])");
    this.toggle.hidden = size <= VISIBLE_MESSAGES || isFiltered;
    const open = this.element.classList.contains("open");
    setText(this.toggle, open ? "Show fewer" : `Show ${size - VISIBLE_MESSAGES} earlier`);
  }
}

class Message {
  constructor(data) {
    this.unique = Number(data.unique);
    const { sender, text, code, to, time } = data;
    this.state = create("span", { class: "state" });
    this.left = create("span", { class: "left" });
    this.tries = create("span", { class: "tries" });
    this.cost = create("span", { class: "cost" });
    this.report = create("select", { "aria-label": `Delivery of the message with code ${spellOut(code)}` });
    this.offer("", "pending");
    REPORTS.forEach((words, report) => this.offer(report, words));
    this.report.addEventListener("change", () => this.setReport());
    const sms = create("p", { class: "sms" }, this.cost, this.report);
    this.bar = create("div", { class: "bar" });
    const from = [create("span", { class: "visually-hidden" }, "From "), create("bdi", {}, sender)];
    const meta = create("p", { class: "meta" },
      create("span", { class: "from" }, ...from),
      create("time", { datetime: new Date(time * 1000).toISOString() }, formatTime(time)));
    const body = create("p", { class: "text", dir: "auto" }, ...highlightCode(text, code));
    if (/[\u0590-\u05ff]/.test(text)) {
      body.lang = "he";
    }
    if (text.length > LONG_TEXT) {
      body.tabIndex = 0;
      body.classList.add("long");
    }
    const copy = copyButton(code, `Code ${spellOut(code)}`);
    const foot = create("p", { class: "foot" }, this.state, " ", this.left, " ", this.tries);
    const label = `Delete the message with code ${spellOut(code)}`;
    const remove = create("button", { type: "button", class: "delete", "aria-label": label }, "×");
    remove.addEventListener("click", () => this.delete());
    this.element = create("li", { class: "message" }, meta, body, copy, foot, sms, remove, this.bar);
    this.searchText = `${to} ${formatNumber(to)} ${sender} ${text}`.toLowerCase();
    messages.set(data.unique, this);
    (phones.get(to) ?? new Phone(to)).list.prepend(this.element);
    this.update(data);
  }

  /** Whether the data are of this message: the uniques of every sandbox start at the same number. */
  isSameAs({ time, to, code }) {
    return this.data.time === time && this.data.to === to && this.data.code === code;
  }

  update(data) {
    this.data = data;
    setText(this.tries, data.wrong_tries ? plural(data.wrong_tries, "wrong try", "wrong tries") : "");
    setText(this.cost, `${plural(data.parts, "part", "parts")} · ${data.length} ${data.encoding} units`);
    this.cost.classList.toggle("warn", data.parts > 1);
    this.updateState();
  }

  /** Shows the present state: a code can expire between two events. */
  updateState() {
    const left = this.data.expires - now();
    const state = this.data.state === "waiting" && left <= 0 ? "expired" : this.data.state;
    if (this.element.dataset.state !== state) {
      this.element.dataset.state = state;
      setText(this.state, state);
    }
    const isWaiting = state === "waiting";
    setText(this.left, isWaiting ? `${formatCountdown(left)} left` : "");
    if (isWaiting) {
      const part = Math.min(1, left / (this.data.expires - this.data.time));
      this.bar.style.setProperty("--left", part.toFixed(3));
    }
    this.updateReport();
  }

  /** Shows what Delivery Status reports at present. */
  updateReport() {
    const { delivery, report, time } = this.data;
    const age = now() - time;
    const isReported = age < REPORTED_FOR && (delivery !== null || age >= REPORTED_AFTER);
    const shown = isReported && report !== null ? String(report) : "";
    if (this.element.dataset.report === shown) {
      return;
    }
    if (![...this.report.options].some((option) => option.value === shown)) {
      this.offer(shown, `code ${shown}`);
    }
    this.element.dataset.report = shown;
    this.report.value = shown;
  }

  offer(report, words) {
    this.report.append(create("option", { value: report }, words));
  }

  async setReport() {
    const { value, selectedOptions: [chosen] } = this.report;
    const body = { code: value === "" ? null : Number(value) };
    // The event shows it; what was refused is shown as it was.
    this.report.value = this.element.dataset.report;
    if (await ask("POST", `messages/${this.unique}/delivery`, body, byId("message-error"))) {
      announce(`Delivery: ${chosen.text}`);
    }
  }

  matches(words, state) {
    return (state === "" || state === this.element.dataset.state) && words.every((word) => this.searchText.includes(word));
  }

  async delete() {
    if (await ask("DELETE", `messages/${this.unique}`, undefined, byId("message-error"))) {
      announce("Message deleted");
    }
  }

  remove() {
    if (this.element.contains(document.activeElement)) {
      byId("messages").focus({ preventScroll: true });
    }
    this.element.remove();
    messages.delete(String(this.unique));
  }
}

/** The nodes of a text, with the code in bold. */
function highlightCode(text, code) {
  const parts = code ? text.split(code) : [text];
  return parts.flatMap((part, index) =>
    index ? [create("b", {}, create("bdi", { dir: "ltr" }, code)), part] : [part]);
}
