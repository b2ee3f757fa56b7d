// The page follows the sandbox: a stream of events, and the clock in between.

import { isSet, now, setClock } from "./clock.js";
import { learnFailures, showScript, steer, teach, tickClock } from "./controls.js";
import { find, say } from "./dom.js";
import { show, tick } from "./phones.js";

/** After it was busy for a time the page rests for so many of it: a flood of messages leaves room for others. */
const REST = 2;

let stream;

/** What has come and is not shown yet; whether it is everything that there is. */
let news;
let isSnapshot = false;
let isBusy = false;

/** Follows the sandbox as long as somebody may look: a browser has few connections to one address for all its tabs. */
function follow() {
  stream?.close();
  if (document.hidden) {
    return;
  }
  const current = new EventSource("/control/events");
  stream = current;
  current.addEventListener("snapshot", (event) => {
    connection("live", "live");
    news = undefined;
    isSnapshot = true;
    receive(JSON.parse(event.data));
  });
  current.addEventListener("changes", (event) => receive(JSON.parse(event.data)));
  current.addEventListener("error", () => {
    connection("lost", "not connected, trying again");
    // A browser tries again by itself unless it was told off.
    if (current.readyState === EventSource.CLOSED) {
      setTimeout(() => current === stream && follow(), 1000);
    }
  });
}

/** Shows what has come, with what came before and is not shown yet. */
function receive(latest) {
  setClock(latest.now);
  const messages = new Map([...(news?.messages ?? []), ...latest.messages].map((one) => [Number(one.unique), one]));
  const kept = [...messages].filter(([unique]) => unique >= latest.oldest).sort(([one], [other]) => other - one);
  news = { ...news, ...latest, messages: kept.map(([, message]) => message) };
  if (!isBusy) {
    render();
  }
}

function render() {
  isBusy = true;
  const begun = performance.now();
  const [told, all] = [news, isSnapshot];
  [news, isSnapshot] = [undefined, false];
  if (all) {
    teach(told);
    learnFailures();
  }
  showScript(told);
  show(told, all);
  tickClock();
  // When the picture of it is on the screen.
  requestAnimationFrame(() => setTimeout(() => setTimeout(rested, REST * (performance.now() - begun))));
}

function rested() {
  isBusy = false;
  if (news) {
    render();
  }
}

function connection(state, text) {
  find("connection").dataset.state = state;
  say(find("connection"), text);
}

/** Once in each second of the sandbox's clock. */
function everySecond() {
  if (isSet()) {
    tick();
    tickClock();
  }
  setTimeout(everySecond, 1000 - (now() * 1000) % 1000);
}

steer();
document.addEventListener("visibilitychange", follow);
follow();
everySecond();
