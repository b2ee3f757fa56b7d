// The sandbox's clock as the page shows it: the time of the last event, and what has passed since.
// Knows nothing of the page.

let told = 0;
let at = 0;

/** Sets the clock: Unix seconds. */
export function setClock(seconds) {
  told = seconds;
  at = performance.now();
}

/** The sandbox's time in Unix seconds. */
export function now() {
  return told + (performance.now() - at) / 1000;
}

/** Whether the clock has been set. */
export function isSet() {
  return told > 0;
}

/** A moment of the sandbox's clock, in this machine's time zone. */
export function timeOfDay(seconds) {
  return new Date(seconds * 1000).toTimeString().slice(0, 8);
}

/** A length of time for a countdown: 9:05, 1:00:00. */
export function countdown(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const pad = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** How far the sandbox's clock is ahead of this machine's, in words; empty when it is not. */
export function ahead() {
  let seconds = Math.round(now() - Date.now() / 1000);
  if (seconds < 5) {
    return "";
  }
  const parts = [];
  for (const [length, unit] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
    const whole = Math.floor(seconds / length);
    seconds -= whole * length;
    if (whole > 0 || parts.length) {
      parts.push(whole > 0 ? `${whole} ${unit}` : "");
    }
  }
  return `${parts.slice(0, 2).filter(Boolean).join(" ")} ahead`;
}
