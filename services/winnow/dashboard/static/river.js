// The picture of the sum: records come from the left and part into what became of them.

import { attributes, canvas, child, keepOnly, write } from "./dom.js";
import { count, percent } from "./format.js";

const BAR = 10;
const GAP = 10;
const LINE = 19;
const PASSES = 8;
const LEAST = 3;
const ROOM_FOR_WORDS = 560;

/** Outcomes in the order in which they are drawn: `of` names the stream they part from. */
export function outcomes(flow) {
  return [
    { key: "auto", name: "the machine labelled", value: flow.auto },
    { key: "people", name: "people labelled", value: flow.labelled_by_people, viaPeople: true },
    { key: "open", name: "wait for people", value: flow.open, viaPeople: true },
    { key: "expired", name: "expired unanswered", value: flow.expired + flow.closed_otherwise, viaPeople: true },
    { key: "unlabelled", name: "left unlabelled", value: flow.unlabelled },
    { key: "dead", name: "unreadable", value: flow.dead },
  ];
}

export function drawRiver(box, flow) {
  const all = outcomes(flow);
  const total = all.reduce((sum, outcome) => sum + outcome.value, 0);
  const label = all.map((outcome) => `${count(outcome.value)} ${outcome.name}`).join(", ");
  const { svg, width, height } = canvas(box, `Of ${count(flow.records)} records ${label}`);
  const words = width >= ROOM_FOR_WORDS;
  const shown = all.filter((outcome) => outcome.value > 0);
  if (total <= 0) return keepOnly(svg, []);
  const right = width - (words ? 210 : 0);
  const bands = stack(shown, total, height, words ? LINE : 0);
  const keys = [];
  source(svg, keys, bands);
  people(svg, keys, bands, right);
  for (const band of bands) {
    keys.push(...flowTo(svg, band, right));
    if (words) keys.push(...caption(svg, band, right, total));
  }
  return keepOnly(svg, keys);
}

/** Where each band begins on the left and ends on the right: at least a `line` from the next, for its caption. */
function stack(shown, total, height, line) {
  let room = height - line - GAP * shown.length;
  for (let pass = 0; pass < PASSES; pass += 1) room += height - line - used(widths(shown, total, room), line);
  const thick = widths(shown, total, Math.max(room, height / 4));
  const gaps = between(thick, line);
  let left = (height - thick.reduce((all, each) => all + each, 0)) / 2;
  let end = line / 2;
  return shown.map((outcome, i) => {
    const band = { ...outcome, thick: thick[i], left, end };
    left += thick[i];
    end += thick[i] + (gaps[i] ?? 0);
    return band;
  });
}

const widths = (shown, total, room) => shown.map((outcome) => LEAST + (outcome.value / total) * room);

const between = (thick, line) => thick.slice(1).map((below, i) => Math.max(GAP, line - (thick[i] + below) / 2));

const used = (thick, line) => [...thick, ...between(thick, line)].reduce((all, each) => all + each, 0);

function source(svg, keys, bands) {
  const top = bands[0].left;
  const height = bands.reduce((sum, band) => sum + band.thick, 0);
  attributes(child(svg, "rect", "source", "node source"), { x: 0, y: top, width: BAR, height, rx: 2 });
  keys.push("source");
}

/** The bands that go through people are drawn through one gate in the middle. */
function people(svg, keys, bands, right) {
  const through = bands.filter((band) => band.viaPeople);
  if (through.length === 0) return;
  const thick = through.reduce((sum, band) => sum + band.thick, 0);
  const middle = through.reduce((sum, band) => sum + (band.end + band.thick / 2) * band.thick, 0) / thick;
  let y = Math.max(2, (middle + (through[0].left + thick / 2)) / 2 - thick / 2);
  const x = right * 0.46;
  attributes(child(svg, "rect", "people-gate", "node people"), { x, y, width: BAR, height: thick, rx: 2 });
  for (const band of through) {
    band.via = { x, y };
    y += band.thick;
  }
  keys.push("people-gate");
}

function* flowTo(svg, band, right) {
  const steps = [{ x: BAR, y: band.left }, ...(band.via ? [{ x: band.via.x, y: band.via.y }] : [])];
  const ends = { x: right - BAR, y: band.end };
  const parts = steps.map((from, i) => ribbon(i ? { x: from.x + BAR, y: from.y } : from, steps[i + 1] ?? ends, band.thick));
  attributes(child(svg, "path", `${band.key}-band`, `band ${band.key}`), { d: parts.join("") });
  attributes(child(svg, "rect", `${band.key}-end`, `node ${band.key}`), {
    x: right - BAR, y: band.end, width: BAR, height: band.thick, rx: 2,
  });
  yield* [`${band.key}-band`, `${band.key}-end`];
}

function ribbon(from, to, thick) {
  const bend = (from.x + to.x) / 2;
  const low = (at) => at.y + thick;
  return (
    `M${from.x} ${from.y}C${bend} ${from.y} ${bend} ${to.y} ${to.x} ${to.y}` +
    `V${low(to)}C${bend} ${low(to)} ${bend} ${low(from)} ${from.x} ${low(from)}Z`
  );
}

function* caption(svg, band, right, total) {
  const text = child(svg, "text", `${band.key}-text`, "caption");
  attributes(text, { x: right + 10, y: band.end + band.thick / 2, "dominant-baseline": "middle" });
  write(child(text, "tspan", "share", "share"), percent(band.value / total));
  write(child(text, "tspan", "name"), ` ${band.name}`);
  yield `${band.key}-text`;
}
