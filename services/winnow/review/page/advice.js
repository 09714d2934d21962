// What the model thinks, in words: why it asks, what it suggests, how sure it is, and what spoke for it.

import { byId, element, named } from "./dom.js";

const LEANING = 2 / 3;
const CHIPS = 8;

export const ranked = (scores) => Object.entries(scores || {}).sort((a, b) => b[1] - a[1]);

// The label that Enter gives: the suggestion, or after it was rejected the next likely one.
export function suggestionOf(request, rejected) {
  if (request.blind || request.suggestion === undefined) return undefined;
  if (!rejected.has(request.suggestion)) return request.suggestion;
  return ranked(request.scores).map(([label]) => label).find((label) => !rejected.has(label));
}

export function showAdvice(request) {
  byId("why").replaceChildren(...(request.blind ? ["Nothing is suggested here: your own judgement counts."] : reasonInWords(request)));
  showWhy(request);
}

function reasonInWords(request) {
  const words = {
    cold: ["The model is still learning, so people label everything for now."],
    uncertain: unsure(ranked(request.scores)),
    novel: ["The model has seen nothing like this before."],
    suspended: ["The machine may not label at the moment, so people look at everything."],
    stale: ["The machine waits for news about its limits, so people look at everything."],
    disputed: ["Somebody says that the label it had is wrong."],
    recalled: ["The machine's label was withdrawn: it needs a better one."],
  };
  return words[request.reason] || [];
}

function unsure([first, second]) {
  if (!second) return ["The model is not sure."];
  if (first[1] > LEANING) return ["The model leans to ", named(first[0]), ", but is not sure enough."];
  return ["The model cannot decide between ", named(first[0]), " and ", named(second[0]), "."];
}

function showWhy(request) {
  const parts = (request.blind ? [] : request.why || []).slice(0, CHIPS);
  byId("spoke").hidden = !parts.length;
  if (!parts.length) return;
  const speaking = (wanted) => parts.filter(({ weight }) => weight > 0 === wanted);
  byId("spoke").replaceChildren(
    ...chips("For ", request.suggestion, speaking(true), "for"),
    ...chips("Against ", request.suggestion, speaking(false), "against"),
  );
}

function chips(side, label, parts, className) {
  if (!parts.length) return [];
  const head = element("span", side, "side");
  head.append(named(label));
  return [head, ...parts.map(({ word, feature }) => named(word ?? feature, "span")).map((chip) => (chip.classList.add("spoke-chip", className), chip))];
}
