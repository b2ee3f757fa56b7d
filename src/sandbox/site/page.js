// The page follows the sandbox: a stream of events, ten in a second at most, and the clock in between.

import { isSet, now, setClock } from "./clock.js";
import { learnFailures, showScript, steer, teach, tickClock } from "./controls.js";
import { find, say } from "./dom.js";
import { show, tick } from "./phones.js";

function follow() {
  const stream = new EventSource("/control/events");
  stream.addEventListener("snapshot", (event) => {
    connection("live", "live");
    const news = JSON.parse(event.data);
    setClock(news.now);
    teach(news.api_key);
    learnFailures().catch(() => {}).finally(() => showScript(news));
    show(news, true);
    tickClock();
  });
  stream.addEventListener("changes", (event) => {
    const news = JSON.parse(event.data);
    setClock(news.now);
    showScript(news);
    show(news, false);
    tickClock();
  });
  stream.addEventListener("error", () => {
    connection("lost", "not connected, trying again");
    // A browser tries again by itself unless it was told off.
    if (stream.readyState === EventSource.CLOSED) {
      setTimeout(follow, 1000);
    }
  });
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
follow();
everySecond();
