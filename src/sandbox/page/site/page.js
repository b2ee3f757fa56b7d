// The page: receives the sandbox's events and shows them, and keeps the clock going in between.

import { isSet, now, setClock } from "./clock.js";
import { initControls, loadFailures, showClock, showScript, showSettings } from "./controls.js";
import { byId, setText } from "./dom.js";
import { initMessages, showMessages, updateCountdowns } from "./phones.js";
import { listRequests, showRequests } from "./requests.js";

/** The page pauses this many times as long as it took to render, so that a flood of messages does not block it. */
const PAUSE_FACTOR = 2;

let stream;

/** The data of the events that are not rendered yet, and whether one of them is a snapshot. */
let pending;
let isSnapshot = false;
let isBusy = false;

/** Opens the stream of events while the page is visible: a browser has few connections to one address. */
function connect() {
  stream?.close();
  if (document.hidden) {
    return;
  }
  const current = new EventSource("/control/events");
  stream = current;
  current.addEventListener("snapshot", (event) => {
    showConnection("live", "live");
    pending = undefined;
    isSnapshot = true;
    receive(JSON.parse(event.data));
  });
  current.addEventListener("changes", (event) => receive(JSON.parse(event.data)));
  current.addEventListener("error", () => {
    showConnection("lost", "not connected, trying again");
    // The browser reconnects by itself unless the server rejected the request.
    if (current.readyState === EventSource.CLOSED) {
      setTimeout(() => current === stream && connect(), 1000);
    }
  });
}

/** Merges an event's data with what is pending, and renders it. */
function receive(data) {
  setClock(data.now);
  const byUnique = (message) => [Number(message.unique), message];
  const messages = new Map([...(pending?.messages ?? []), ...data.messages].map(byUnique));
  const recent = [...messages].filter(([unique]) => unique >= data.oldest).sort(([one], [other]) => other - one);
  const requests = [...data.requests, ...(pending?.requests ?? [])];
  pending = { ...pending, ...data, requests, messages: recent.map(([, message]) => message) };
  if (!isBusy) {
    render();
  }
}

function render() {
  isBusy = true;
  const start = performance.now();
  const [data, all] = [pending, isSnapshot];
  [pending, isSnapshot] = [undefined, false];
  if (all) {
    showSettings(data);
    loadFailures().then(listRequests);
  }
  showScript(data);
  showMessages(data, all);
  showRequests(data, all);
  showClock();
  // The second timeout starts when the frame has been painted.
  requestAnimationFrame(() => setTimeout(() => setTimeout(endPause, PAUSE_FACTOR * (performance.now() - start))));
}

function endPause() {
  isBusy = false;
  if (pending) {
    render();
  }
}

function showConnection(state, text) {
  byId("connection").dataset.state = state;
  setText(byId("connection"), text);
}

/** Runs once in each second of the sandbox's clock. */
function everySecond() {
  if (isSet()) {
    updateCountdowns();
    showClock();
  }
  setTimeout(everySecond, 1000 - (now() * 1000) % 1000);
}

initControls();
initMessages();
document.addEventListener("visibilitychange", connect);
connect();
everySecond();
