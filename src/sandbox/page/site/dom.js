// Small things that all parts of the page share: elements, copying, announcements.
// A text of a message becomes a text node and nothing else, ever.

/** Finds the element with an id. */
export function find(id) {
  return document.getElementById(id);
}

/** Makes an element with attributes and children; a string is a text. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Sets a text if it is another one, so that nothing is laid out or read again without need. */
export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Has a screen reader say something, even if it said the same before. */
export function announce(text) {
  const region = find("announcement");
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}

const grouped = new Intl.NumberFormat("en");

/** A number of things: "1 message", "1,000 messages". */
export function count(number, one, many) {
  return `${grouped.format(number)} ${number === 1 ? one : many}`;
}

/** A button that shows a text and copies it. What is said of it afterwards names it in words. */
export function copyButton(text, inWords) {
  const act = make("span", { class: "act" }, "Copy");
  // A command is not broken in two within an option.
  const words = text.split(/(\s+)/).map((word) => word.trim() ? make("span", {}, word) : word);
  const button = make("button", { type: "button", class: "copy" }, make("bdi", { dir: "ltr" }, ...words), " ", act);
  let timer;
  button.addEventListener("click", async () => {
    const done = await copy(text, button);
    say(act, done ? "Copied" : "Select it");
    button.classList.toggle("done", done);
    announce(done ? `${inWords} copied` : `${inWords} could not be copied`);
    clearTimeout(timer);
    timer = setTimeout(() => {
      say(act, "Copy");
      button.classList.remove("done");
    }, 2000);
  });
  return button;
}

/** Copies a text; where the clipboard's own interface is not there or refuses, as browsers did before. */
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = make("textarea", { class: "hidden", readonly: "", "aria-hidden": "true", tabindex: "-1" });
    field.value = text;
    // Inside a dialog or a list the button's own place is the one that can be focused.
    button.after(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    button.focus();
    return done;
  }
}
