// The sandbox's clock: the time of the last event, plus what has passed since.
// Knows nothing of the page.

let lastTime = 0;
let receivedAt = 0;

/** Sets the clock, in Unix seconds. */
export function setClock(seconds) {
  lastTime = seconds;
  receivedAt = performance.now();
}

/** The sandbox's time, in Unix seconds. */
export function now() {
  return lastTime + (performance.now() - receivedAt) / 1000;
}

/** Whether the clock has been set. */
export function isSet() {
  return lastTime > 0;
}

/** Swedish has the date and the time as ISO 8601 writes them: 2026-09-01 09:41:12. */
const timeFormat = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "medium" });

/** A time of the sandbox's clock, in this machine's time zone; with its date if that is not today's. */
export function formatTime(seconds) {
  const [today] = timeFormat.format(new Date()).split(" ");
  const text = timeFormat.format(new Date(seconds * 1000));
  return text.startsWith(today) ? text.slice(today.length + 1) : text;
}

/** Formats a countdown: 9:05, 1:00:00. */
export function formatCountdown(seconds) {
  const total = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const pad = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** How far the sandbox's clock is ahead of this machine's: "1 h 11 min ahead", or empty. */
export function formatAhead() {
  let seconds = Math.round(now() - Date.now() / 1000);
  if (seconds < 5) {
    return "";
  }
  const parts = [];
  for (const [length, unit] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
    const amount = Math.floor(seconds / length);
    seconds -= amount * length;
    if (amount > 0 || parts.length) {
      parts.push(amount > 0 ? `${amount} ${unit}` : "");
    }
  }
  return `${parts.slice(0, 2).filter(Boolean).join(" ")} ahead`;
}
