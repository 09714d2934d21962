// The labels as buttons. Few have fixed keys; of many the likeliest come first, and the others are found by searching.

import { ranked } from "./advice.js";
import { byId, element, labelName, onClick, percent } from "./dom.js";
import { LABEL_KEYS, LIKELY_KEYS, MANY_LABELS } from "./keys.js";

const SEARCHED_FROM = 10;
const LOOSE = 3;
const SHOWN_FROM = 0.005;
const BAR_FROM = 0.015;

let found = [];
let at = 0;

// Labels with their keys, in the order in which they are shown; `lately` are those this reviewer gave last.
export function arranged(request, lately) {
  if (request.labels.length <= MANY_LABELS) {
    return { first: request.labels.map((label, place) => ({ label, key: LABEL_KEYS[place] })), rest: [] };
  }
  const likely = request.blind || !request.scores ? lately : ranked(request.scores).map(([label]) => label);
  const known = new Set(request.labels);
  const first = likely.filter((label) => known.has(label)).slice(0, LIKELY_KEYS.length);
  const rest = request.labels.filter((label) => !first.includes(label)).sort((a, b) => a.localeCompare(b));
  return { first: first.map((label, place) => ({ label, key: LIKELY_KEYS[place] })), rest: rest.map((label) => ({ label, key: "" })) };
}

// How well a label answers what was typed: lower is better, null not at all.
export function fit(label, typed) {
  const text = label.toLowerCase().replace(/[_\-./]+/g, " ");
  const wanted = typed.toLowerCase().trim().replace(/[_\-./]+/g, " ");
  if (text.startsWith(wanted)) return 0;
  if (text.split(" ").some((word) => word.startsWith(wanted))) return 1;
  if (wanted.split(/\s+/).every((part) => text.includes(part))) return 2;
  let from = 0;
  for (const letter of wanted.replaceAll(" ", "")) {
    from = text.indexOf(letter, from) + 1;
    if (!from) return null;
  }
  return LOOSE;
}

export function matching(labels, typed) {
  return labels
    .map((entry) => ({ ...entry, fit: fit(entry.label, typed) }))
    .filter((entry) => entry.fit !== null)
    .filter(({ fit }, _place, all) => fit < LOOSE || all.every((each) => each.fit >= LOOSE))
    .sort((a, b) => a.fit - b.fit || a.label.length - b.label.length || a.label.localeCompare(b.label));
}

export function showLabels(request, { typed, suggestion, rejected, lately, onPick }) {
  const { first, rest } = arranged(request, lately);
  const isMany = rest.length > 0;
  const scores = (!request.blind && request.scores) || {};
  const button = (entry) =>
    labelButton(entry, { share: scores[entry.label], isSuggested: entry.label === suggestion, isRejected: rejected.has(entry.label), onPick });
  document.body.classList.toggle("many-labels", isMany);
  byId("search").hidden = request.labels.length < SEARCHED_FROM;
  byId("labels").classList.toggle("few", !isMany && first.length <= 4);
  byId("all-labels").hidden = !isMany && !typed.trim();
  if (typed.trim()) {
    showFound(matching([...first, ...rest], typed), button);
    return;
  }
  found = [];
  byId("search-count").textContent = "";
  byId("labels").hidden = !first.length;
  byId("labels").replaceChildren(...first.map(button));
  byId("all-labels").replaceChildren(...rest.map(button));
}

function showFound(entries, button) {
  found = entries.map(button);
  at = 0;
  byId("labels").hidden = true;
  byId("all-labels").replaceChildren(...found);
  byId("search-count").textContent = entries.length ? `${entries.length} found, Enter gives ${entries[0].label}` : "no such label";
  point(0);
}

// Moves the mark among the labels found.
export function point(step) {
  if (!found.length) return;
  found[at].classList.remove("pointed");
  at = (at + step + found.length) % found.length;
  found[at].classList.add("pointed");
  found[at].scrollIntoView({ block: "nearest" });
}

export const pointed = () => found[at];

function labelButton({ label, key }, { share, isSuggested, isRejected, onPick }) {
  const button = element("button", undefined, `label${isSuggested ? " suggested" : ""}${isRejected ? " rejected" : ""}`);
  button.type = "button";
  if (key) button.append(element("kbd", key.toUpperCase()));
  button.append(labelName(label));
  if (share >= SHOWN_FROM) button.append(element("span", percent(share), "share"));
  if (share >= BAR_FROM) button.append(bar(share));
  if (isSuggested) button.append(element("kbd", "↵", "accept"), element("span", ", suggested", "unseen"));
  if (isRejected) button.append(element("span", ", rejected", "unseen"));
  onClick(button, () => onPick(label));
  return button;
}

// How likely the model thinks it is, as a bar at the button's foot.
function bar(share) {
  const fill = element("span", undefined, "bar");
  fill.style.width = `calc((100% - 1.5rem) * ${share})`;
  return fill;
}
