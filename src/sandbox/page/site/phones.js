// The messages, in a column for each number, like the phones that they would be on.
// An element lives as long as its message: what changes is changed in it.

import { countdown, now, timeOfDay } from "./clock.js";
import { announce, copyButton, count, find, make, say } from "./dom.js";

/** How many messages of a number are shown before somebody asks for more. */
const SHOWN = 3;

/** So many new messages are told one by one; more come as a number, and without a movement. */
const FEW = 2;

/** A longer text gets a field that scrolls. */
const LONG = 400;

const phones = new Map();
const messages = new Map();

/** A number in its local form as people write it: 050-123-4567, 03-123-4567. */
export function written(to) {
  const area = to.length > 9 ? 3 : 2;
  return /^0\d{8,9}$/.test(to) ? `${to.slice(0, area)}-${to.slice(area, area + 3)}-${to.slice(area + 3)}` : to;
}

/** Shows the news of one event. In a snapshot there are all messages, otherwise those that are new or other. */
export function show({ messages: told, oldest, total }, isSnapshot) {
  const all = new Set(told.map((message) => message.unique));
  for (const message of [...messages.values()]) {
    if (message.unique < oldest || (isSnapshot && !all.has(String(message.unique)))) {
      message.remove();
    }
  }
  const arrived = [];
  const changed = new Set();
  for (const one of told.toReversed()) {
    const known = messages.get(one.unique);
    if (known?.is(one)) {
      known.update(one);
      continue;
    }
    known?.remove();
    arrived.push(new Message(one));
    // Once for each phone, in the order of the last message.
    changed.delete(phones.get(one.to));
    changed.add(phones.get(one.to));
  }
  for (const phone of changed) {
    phone.raise();
  }
  for (const phone of phones.values()) {
    phone.tidy();
  }
  tick();
  find("empty").hidden = messages.size > 0;
  const numbers = count(phones.size, "number", "numbers");
  say(find("summary"), messages.size ? `${count(total, "message", "messages")} · ${numbers}` : "");
  const rest = total - messages.size;
  say(find("more"), rest > 0 ? `${count(rest, "earlier message is", "earlier messages are")} not shown here.` : "");
  if (isSnapshot || arrived.length === 0) {
    return;
  }
  if (arrived.length > FEW) {
    announce(count(arrived.length, "new message", "new messages"));
    return;
  }
  announce(arrived.map(inWords).join(". "));
  for (const message of arrived) {
    message.element.classList.add("arriving");
  }
}

/** The numbers that have got messages, the newest first. */
export function numbers() {
  return [...find("phones").children].map((element) => element.dataset.to);
}

/** Lets the countdowns go on. */
export function tick() {
  for (const message of messages.values()) {
    message.tick();
  }
}

function inWords({ told }) {
  return `New message for ${written(told.to)} from ${told.sender}, code ${spelled(told.code)}`;
}

/** A code digit by digit, so that no screen reader makes hundreds of thousands of it. */
function spelled(code) {
  return [...code].join(" ");
}

class Phone {
  constructor(to) {
    this.to = to;
    this.list = make("ol", { id: `list-${to}` });
    this.size = make("span", { class: "soft" });
    this.toggle = make("button", { type: "button", class: "toggle", "aria-expanded": "false", "aria-controls": this.list.id });
    this.toggle.addEventListener("click", () => {
      const open = this.element.classList.toggle("open");
      this.toggle.setAttribute("aria-expanded", String(open));
      this.tidy();
    });
    const title = make("h2", { id: `phone-${to}` }, make("bdi", { dir: "ltr" }, written(to)));
    const top = make("div", { class: "top" }, title, this.size);
    this.element = make("section", { class: "phone", "aria-labelledby": title.id, "data-to": to }, top, this.list, this.toggle);
    phones.set(to, this);
  }

  /** Puts the phone before all others. */
  raise() {
    const row = find("phones");
    if (!this.element.matches(":focus-within, :active")) {
      row.prepend(this.element);
      return;
    }
    // What moves loses the focus, so that here the phones before it move.
    while (this.element.previousElementSibling) {
      this.element.after(this.element.previousElementSibling);
    }
  }

  /** Says how much there is; a phone without messages goes. */
  tidy() {
    const size = this.list.childElementCount;
    if (size === 0) {
      this.element.remove();
      phones.delete(this.to);
      return;
    }
    say(this.size, count(size, "message", "messages"));
    this.toggle.hidden = size <= SHOWN;
    const open = this.element.classList.contains("open");
    say(this.toggle, open ? "Show fewer" : `Show ${size - SHOWN} earlier`);
  }
}

class Message {
  constructor(told) {
    this.unique = Number(told.unique);
    this.told = told;
    const { sender, text, code, to, time } = told;
    this.state = make("span", { class: "state" });
    this.left = make("span", { class: "left" });
    this.tries = make("span", { class: "tries" });
    this.bar = make("div", { class: "bar" });
    const meta = make("p", { class: "meta" },
      make("span", { class: "from" }, make("span", { class: "hidden" }, "From "), make("bdi", {}, sender)),
      make("time", { datetime: new Date(time * 1000).toISOString() }, timeOfDay(time)));
    const body = make("p", { class: "text", dir: "auto" }, ...marked(text, code));
    if (/[\u0590-\u05ff]/.test(text)) {
      body.lang = "he";
    }
    if (text.length > LONG) {
      body.tabIndex = 0;
      body.classList.add("long");
    }
    const copy = copyButton(code, `Code ${spelled(code)}`);
    const foot = make("p", { class: "foot" }, this.state, " ", this.left, " ", this.tries);
    this.element = make("li", { class: "message" }, meta, body, copy, foot, this.bar);
    messages.set(told.unique, this);
    (phones.get(to) ?? new Phone(to)).list.prepend(this.element);
    this.update(told);
  }

  /** Whether this is the message that is told of: another sandbox at this address counts from the same number. */
  is({ time, to, code }) {
    return this.told.time === time && this.told.to === to && this.told.code === code;
  }

  update(told) {
    this.told = told;
    say(this.tries, told.wrong_tries ? count(told.wrong_tries, "wrong try", "wrong tries") : "");
    this.tick();
  }

  /** Shows the state at this moment: between two events a code can only expire. */
  tick() {
    const left = this.told.expires - now();
    const state = this.told.state === "waiting" && left <= 0 ? "expired" : this.told.state;
    if (this.element.dataset.state !== state) {
      this.element.dataset.state = state;
      say(this.state, state);
    }
    const waits = state === "waiting";
    say(this.left, waits ? `${countdown(left)} left` : "");
    if (waits) {
      const part = Math.min(1, left / (this.told.expires - this.told.time));
      this.bar.style.setProperty("--left", part.toFixed(3));
    }
  }

  remove() {
    if (this.element.contains(document.activeElement)) {
      find("messages").focus({ preventScroll: true });
    }
    this.element.remove();
    messages.delete(String(this.unique));
  }
}

/** A text's nodes, with the code set off wherever it stands. */
function marked(text, code) {
  const parts = code ? text.split(code) : [text];
  return parts.flatMap((part, index) => index ? [make("b", {}, make("bdi", { dir: "ltr" }, code)), part] : [part]);
}
