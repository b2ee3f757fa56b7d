// The log: every request, what became of it and why. The last one has a notice above the messages if it was refused.

import { formatTime } from "./clock.js";
import { labelOf } from "./controls.js";
import { announce, byId, create, setText } from "./dom.js";
import { formatNumber } from "./phones.js";

/** How many requests are listed. */
const MAX_LISTED = 50;

/** Newest first. */
let requests = [];

const kinds = { send: "Send to ", check: "Check of ", unknown: "Request" };

/** Shows the requests of an event: all recent ones in a snapshot, those that came since in others. */
export function showRequests({ requests: received }, isSnapshot) {
  if (received.length === 0 && !isSnapshot) {
    return;
  }
  requests = [...received, ...(isSnapshot ? [] : requests)].slice(0, MAX_LISTED);
  listRequests();
  if (byId("notice").textContent && !isSnapshot) {
    announce(byId("notice").textContent);
  }
}

/** Lists the requests and writes the notice, with the labels of failures that are known by now. */
export function listRequests() {
  const [last] = requests;
  const isRefused = ["rejected", "failed", "malformed"].includes(last?.outcome);
  byId("notice").replaceChildren(...isRefused ? ["The last request: ", ...describe(last), ` – ${explain(last)}`] : []);
  setText(byId("empty-title"), isRefused ? "Try again" : "No message yet");
  byId("requests-empty").hidden = requests.length > 0;
  byId("requests").hidden = requests.length === 0;
  byId("requests").replaceChildren(...requests.map((request) => {
    const time = create("time", { datetime: new Date(request.time * 1000).toISOString() }, formatTime(request.time));
    const head = create("p", { class: "meta" }, create("span", {}, ...describe(request)), time);
    return create("li", { "data-outcome": request.outcome }, head, create("p", { class: "why" }, explain(request)));
  }));
}

/** What a request asked for: "Send to 050-123-4567". */
function describe({ kind, to }) {
  const number = kind === "unknown" ? [] : [to ? create("bdi", { dir: "ltr" }, formatNumber(to)) : "no number"];
  return [kinds[kind], ...number];
}

/** What became of a request, and why. */
function explain({ outcome, reason, failure, text }) {
  if (["sent", "verified"].includes(outcome)) {
    return outcome;
  }
  const parts = [reason && `reason ${reason}`, failure && labelOf(failure), text];
  return `${outcome.replace("_", " ")}: ${parts.filter(Boolean).join(", ")}`;
}
