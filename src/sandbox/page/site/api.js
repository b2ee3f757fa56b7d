// Requests to the control API. Knows nothing of what they are for.

import { setText } from "./dom.js";

/** Asks the control API and returns its answer. Shows an error in the element and returns undefined. */
export async function ask(method, path, body, errorElement) {
  setText(errorElement, "");
  try {
    const response = await fetch(`/control/${path}`, {
      method,
      headers: body && { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (response.ok) {
      return answer;
    }
    setText(errorElement, answer.error);
  } catch {
    setText(errorElement, "The sandbox does not answer.");
  }
  return undefined;
}
