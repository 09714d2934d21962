// Elements made and reused by key: text enters the document as text only, never as markup.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/** The child of `parent` with this key, made when it is not there yet. */
export function child(parent, tag, key, className = "") {
  for (const known of parent.children) if (known.dataset.key === key) return known;
  const made = parent.namespaceURI === SVG || tag === "svg"
    ? document.createElementNS(SVG, tag)
    : document.createElement(tag);
  made.dataset.key = key;
  if (className) made.setAttribute("class", className);
  parent.append(made);
  return made;
}

/** Remove the children whose key is not in `keys`, and bring the others into that order. */
export function keepOnly(parent, keys) {
  const wanted = new Set(keys);
  for (const known of [...parent.children]) if (!wanted.has(known.dataset.key)) known.remove();
  keys.forEach((key, place) => {
    const element = [...parent.children].find((known) => known.dataset.key === key);
    if (element && parent.children[place] !== element) parent.insertBefore(element, parent.children[place]);
  });
}

export function attributes(element, values) {
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, String(value));
  return element;
}

export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
  return element;
}

/** An SVG that fills its box in real pixels, so that lines and letters keep their size. */
export function canvas(box, label) {
  const width = Math.max(120, box.clientWidth);
  const height = Math.max(60, box.clientHeight);
  const svg = child(box, "svg", "svg");
  attributes(svg, { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
  return { svg, width, height };
}
