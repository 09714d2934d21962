// The error on one line: how far the estimate and the proven bound are from the target.

import { attributes, canvas, child, keepOnly, write } from "./dom.js";
import { percent, percentAtMost } from "./format.js";

const EDGE = 10;

export function drawRuler(box, { target, error_estimate: estimate, error_at_most: bound }) {
  const unknown = target === null || (estimate === null && bound === null);
  box.classList.toggle("empty", unknown);
  if (unknown) return;
  const { svg, width, height } = canvas(box, spoken(target, estimate, bound));
  const reach = Math.max(target * 1.3, (bound ?? 0) * 1.05, (estimate ?? 0) * 1.05) || 1;
  const x = (error) => EDGE + (error / reach) * (width - 2 * EDGE);
  const y = height * 0.38;
  const keys = ["scale", "goal", "goal-text"];
  bar(svg, "scale", EDGE, width - EDGE, y);
  if (bound !== null) {
    bar(svg, "reach", EDGE, x(bound), y);
    mark(svg, "bound-text", x(bound), y + 51, `proven at most ${percentAtMost(bound)}`, width);
    keys.push("reach", "bound-text");
  }
  if (estimate !== null) {
    attributes(child(svg, "line", "estimate", "mark estimate"), { x1: x(estimate), x2: x(estimate), y1: y - 10, y2: y + 18 });
    mark(svg, "estimate-text", x(estimate), y + 32, `estimate ${percent(estimate)}`, width);
    keys.push("estimate", "estimate-text");
  }
  attributes(child(svg, "line", "goal", "goal"), { x1: x(target), x2: x(target), y1: y - 18, y2: y + 10 });
  mark(svg, "goal-text", x(target), y - 24, `target ${percent(target)}`, width);
  keepOnly(svg, keys);
}

function bar(svg, key, from, to, y) {
  attributes(child(svg, "line", key, key), { x1: from, x2: to, y1: y, y2: y });
}

function mark(svg, key, x, y, text, width) {
  const anchor = x < width * 0.2 ? "start" : x > width * 0.8 ? "end" : "middle";
  write(attributes(child(svg, "text", key, key), { x, y, "text-anchor": anchor }), text);
}

function spoken(target, estimate, bound) {
  const parts = [`target ${percent(target)}`];
  if (estimate !== null) parts.push(`estimate ${percent(estimate)}`);
  if (bound !== null) parts.push(`proven at most ${percentAtMost(bound)}`);
  return `Error of the machine's labels: ${parts.join(", ")}`;
}
