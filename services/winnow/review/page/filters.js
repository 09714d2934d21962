// Which records come: of some reasons, or with some suggested labels. Blind ones come in between whatever is chosen,
// as often as they stand in the whole line, so that choosing tells nothing about them.

import { byId, element, named } from "./dom.js";
import { REASONS } from "./reasons.js";

const KEPT_UNDER = "winnow-filter";
const KEPT_FOR = "winnow-filter-of";
const EVERYTHING = { reasons: [], labels: [] };

let chosen = EVERYTHING;
let tell = () => {};

export const only = () => chosen;
export const isOn = () => chosen.reasons.length + chosen.labels.length > 0;

export function passes(request) {
  const isOf = (wanted, what) => !wanted.length || wanted.includes(what);
  return request.blind || (isOf(chosen.reasons, request.reason) && isOf(chosen.labels, request.suggestion));
}

// A filter is its reviewer's, and outlives a reload of the page.
export function setUp(reviewer, onChange) {
  tell = onChange;
  const isTheirs = sessionStorage.getItem(KEPT_FOR) === reviewer;
  sessionStorage.setItem(KEPT_FOR, reviewer);
  choose(isTheirs ? JSON.parse(sessionStorage.getItem(KEPT_UNDER) || "null") || EVERYTHING : EVERYTHING);
}

export function open({ by_reason: byReason, by_label: byLabel, blind }) {
  show("filter-reasons", byReason, chosen.reasons, (reason) => REASONS[reason] || reason);
  show("filter-labels", byLabel, chosen.labels, (label) => label);
  byId("filter-none").hidden = byId("filter-reasons").hidden === false || byId("filter-labels").hidden === false;
  byId("filter-blind").textContent = blind ? "Records without a suggestion come in between, as always." : "";
  byId("filter-dialog").showModal();
}

export function clear() {
  choose(EVERYTHING);
  tell();
}

function choose(wanted) {
  chosen = wanted;
  sessionStorage.setItem(KEPT_UNDER, JSON.stringify(wanted));
  const words = [...wanted.reasons.map((reason) => REASONS[reason] || reason), ...wanted.labels];
  byId("filter-text").textContent = !words.length ? "Filter" : words.length > 2 ? `Only ${words[0]} and ${words.length - 1} more` : `Only ${words.join(", ")}`;
  byId("filter").classList.toggle("on", words.length > 0);
}

// One box for each, the most frequent first; what is chosen stays to be seen when nothing of it is open any more.
function show(id, counts, wanted, inWords) {
  const names = [...new Set([...Object.keys(counts), ...wanted])].filter((name) => counts[name] || wanted.includes(name));
  const sorted = names.sort((a, b) => (counts[b] || 0) - (counts[a] || 0) || a.localeCompare(b));
  byId(id).hidden = !sorted.length;
  byId(id).querySelector("div").replaceChildren(...sorted.map((name) => box(name, inWords(name), counts[name] || 0, wanted.includes(name))));
}

function box(name, words, count, isChosen) {
  const label = element("label", undefined, "box");
  const input = element("input");
  Object.assign(input, { type: "checkbox", value: name, checked: isChosen });
  label.append(input, named(words, "span"), element("span", count.toLocaleString("en"), "soft"));
  return label;
}

const checked = (id) => [...byId(id).querySelectorAll("input:checked")].map((input) => input.value);

byId("filter-form").addEventListener("submit", (event) => {
  event.preventDefault();
  byId("filter-dialog").close();
  choose({ reasons: checked("filter-reasons"), labels: checked("filter-labels") });
  tell();
});
byId("filter-clear").addEventListener("click", () => {
  byId("filter-dialog").close();
  clear();
});
