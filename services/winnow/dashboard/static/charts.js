// Small line charts: columns of the board's history over time.

import { attributes, canvas, child, keepOnly, write } from "./dom.js";
import { clock, span } from "./format.js";

const EDGE = { top: 14, right: 8, bottom: 20, left: 8 };

/**
 * Draw `lines` ([{name, className, values}]) over `times` into `box`. `ceiling` is the least height of
 * the scale, `limit` an optional horizontal line, `format` writes values, `title` names the chart aloud.
 */
export function draw(box, { title, times, lines, ceiling, limit = null, format }) {
  const known = lines.flatMap((line) => line.values.filter((value) => value !== null));
  box.classList.toggle("empty", known.length === 0);
  const { svg, width, height } = canvas(box, spoken(title, times, lines[0].values, format));
  if (known.length === 0) {
    keepOnly(svg, ["none"]);
    const none = attributes(child(svg, "text", "none", "tick"), { x: width / 2, y: height / 2, "text-anchor": "middle" });
    write(none, "No numbers yet");
    return;
  }
  const top = Math.max(ceiling, ...known, limit === null ? 0 : limit * 1.25);
  const place = scales(times, top, width, height);
  const keys = [...axes(svg, place, { times, top, limit, format, width, height })];
  for (const line of lines) keys.push(...stroke(svg, place, times, line));
  keepOnly(svg, keys);
}

function scales(times, top, width, height) {
  const first = times[0];
  const reach = Math.max(1, times[times.length - 1] - first);
  return {
    x: (at) => EDGE.left + ((at - first) / reach) * (width - EDGE.left - EDGE.right),
    y: (value) => height - EDGE.bottom - (Math.min(value, top) / top) * (height - EDGE.top - EDGE.bottom),
  };
}

function* axes(svg, place, { times, top, limit, format, width, height }) {
  const floor = height - EDGE.bottom;
  const rule = (key, y, className) =>
    attributes(child(svg, "line", key, className), { x1: EDGE.left, x2: width - EDGE.right, y1: y, y2: y });
  const tick = (key, x, y, anchor, text, className = "tick") =>
    write(attributes(child(svg, "text", key, className), { x, y, "text-anchor": anchor }), text);
  rule("floor", floor, "axis");
  tick("from", EDGE.left, height - 5, "start", clock(times[0]));
  tick("to", width - EDGE.right, height - 5, "end", clock(times[times.length - 1]));
  yield* ["floor", "from", "to"];
  if (limit === null) {
    rule("top", place.y(top), "axis faint");
    tick("top-text", EDGE.left, place.y(top) - 4, "start", format(top));
    yield* ["top", "top-text"];
  } else {
    rule("limit", place.y(limit), "limit");
    tick("limit-text", EDGE.left, place.y(limit) - 4, "start", `target ${format(limit)}`, "tick limit-text");
    yield* ["limit", "limit-text"];
  }
}

function* stroke(svg, place, times, { name, className, values }) {
  const runs = unbroken(times, values);
  const lines = runs.map((run) => run.map(([at, value], i) => `${i ? "L" : "M"}${place.x(at)} ${place.y(value)}`).join(""));
  if (className === "main") {
    const floor = place.y(0);
    const areas = runs.map(
      (run, i) => `${lines[i]}L${place.x(run[run.length - 1][0])} ${floor}L${place.x(run[0][0])} ${floor}Z`,
    );
    attributes(child(svg, "path", `${name}-area`, "area"), { d: areas.join("") });
    yield `${name}-area`;
  }
  attributes(child(svg, "path", name, `line ${className}`), { d: lines.join("") });
  yield name;
  const end = runs[runs.length - 1]?.at(-1);
  if (end && end[0] === times[times.length - 1]) {
    attributes(child(svg, "circle", `${name}-end`, `end ${className}`), { cx: place.x(end[0]), cy: place.y(end[1]), r: 3.5 });
    yield `${name}-end`;
  }
}

function unbroken(times, values) {
  const runs = [];
  let open = false;
  times.forEach((at, i) => {
    if (values[i] === null) {
      open = false;
      return;
    }
    if (!open) runs.push([]);
    open = true;
    runs[runs.length - 1].push([at, values[i]]);
  });
  return runs;
}

function spoken(title, times, values, format) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return `${title}: no numbers yet`;
  const over = span(times[times.length - 1] - times[0]);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return `${title} over ${over}: now ${format(known[known.length - 1])}, lowest ${format(low)}, highest ${format(high)}`;
}
