// Helpers for all parts of the page: elements, copy buttons, announcements.
// The text of a message only ever becomes a text node.

/** The element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Creates an element with attributes and children; a string becomes a text node. */
export function create(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Sets an element's text. The same text again causes no layout and no announcement. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Lets a screen reader say a text, even if it is the same as before. */
export function announce(text) {
  const region = byId("announcement");
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}

const numberFormat = new Intl.NumberFormat("en");

/** A number with its noun: "1 message", "1,000 messages". */
export function plural(number, one, many) {
  return `${numberFormat.format(number)} ${number === 1 ? one : many}`;
}

/** A button that shows a text and copies it. Announcements call the text by its name. */
export function copyButton(text, name) {
  const action = create("span", { class: "action" }, "Copy");
  // A line break never splits a word, such as an option of a command.
  const words = text.split(/(\s+)/).map((word) => word.trim() ? create("span", {}, word) : word);
  const content = create("bdi", { dir: "ltr" }, ...words);
  const button = create("button", { type: "button", class: "copy" }, content, " ", action);
  let timer;
  button.addEventListener("click", async () => {
    const done = await copy(text, button);
    setText(action, done ? "Copied" : "Select it");
    button.classList.toggle("done", done);
    announce(done ? `${name} copied` : `${name} could not be copied`);
    clearTimeout(timer);
    timer = setTimeout(() => {
      setText(action, "Copy");
      button.classList.remove("done");
    }, 2000);
  });
  return button;
}

/** Copies a text, without the Clipboard API if that is missing or refuses. */
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const attributes = { class: "visually-hidden", readonly: "", "aria-hidden": "true", tabindex: "-1" };
    const field = create("textarea", attributes);
    field.value = text;
    // In a dialog or a list, only a place beside the button can have the focus.
    button.after(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    button.focus();
    return done;
  }
}
