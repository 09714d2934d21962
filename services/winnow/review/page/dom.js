// Small words for the document. Records are hostile: everything goes in as text, nothing as markup.

export const byId = (id) => document.getElementById(id);

export const percent = (share) => `${Math.round(share * 100)} %`;

// What the API says, as a sentence of ours.
export const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

export function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// A label's name; a long one breaks where its parts meet.
export function labelName(label) {
  const name = named(label, "span");
  name.className = "label-name";
  name.replaceChildren(...label.split(/(?<=[_\-./])/).flatMap((part, place) => (place ? [element("wbr"), part] : [part])));
  return name;
}

// A name from a record or a task inside a sentence of ours: it may run the other way.
export function named(text, tag = "b") {
  const made = element(tag, text);
  made.dir = "auto";
  return made;
}

// A double click is one click.
export const onClick = (node, action) => node.addEventListener("click", (event) => event.detail < 2 && action());
