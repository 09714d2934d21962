// Open records of one group, shown together as the lines of a document: only lines that somebody was asked about.

import { ranked, suggestionOf } from "./advice.js";
import { byId, element, named, onClick, percent } from "./dom.js";

const SHORT = 400;
const collator = new Intl.Collator("en", { numeric: true });

const isAdded = ({ answer }) => answer?.action === "add";
const placeOf = ({ record, record_id }) => [record.at || "", record_id || ""];

// As they stand in the document; those that were added here come last.
function inOrder(first, second) {
  const [a, b] = [placeOf(first.request), placeOf(second.request)];
  return isAdded(first) - isAdded(second) || collator.compare(a[0], b[0]) || collator.compare(a[1], b[1]);
}

// All lines there are to see: the open ones and those that were answered here.
export function linesOf(desk) {
  const group = desk.current?.record.group;
  if (!group) return [];
  const open = desk.lines().map((request) => ({ request }));
  const isOpen = new Set(open.map(({ request }) => request.request_id));
  const answered = desk.past.linesOf(group).filter(({ request }) => !isOpen.has(request.request_id));
  return [...open, ...answered].sort(inOrder);
}

// The open lines whose suggestion stands: blind ones have none.
export function acceptable(desk, rejectedOf) {
  return desk.lines().filter((request) => suggestionOf(request, rejectedOf(request)) !== undefined && !rejectedOf(request).size);
}

export function neighbour(desk, step) {
  const open = linesOf(desk).filter(({ answer }) => !answer).map(({ request }) => request);
  return open[(open.indexOf(desk.current) + step + open.length) % open.length];
}

export function showDocument(desk, { rejectedOf, onChoose, onReject }) {
  const lines = linesOf(desk);
  const isDocument = lines.length > 1;
  byId("document").hidden = !isDocument;
  byId("record").hidden = isDocument && isSaidByItsLine(desk.current);
  byId("add-beside").hidden = isDocument || !desk.current.record.group;
  if (!isDocument) return;
  const rest = acceptable(desk, rejectedOf).length;
  const open = desk.lines().length;
  byId("document-title").textContent = desk.current.record.group;
  byId("document-count").textContent = `${open} of ${lines.length} lines open`;
  byId("accept-rest").disabled = !rest;
  byId("accept-rest-text").textContent = rest ? `Accept ${rest === 1 ? "the suggestion" : `all ${rest} suggestions`} left` : "No suggestions left";
  byId("lines").replaceChildren(...lines.map((line) => row(line, desk.current, rejectedOf(line.request), { onChoose, onReject })));
  byId("lines").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

function isSaidByItsLine({ record, why }) {
  return !record.features && !record.show && !why?.length && (record.text ?? "").length < SHORT && !(record.text ?? "").includes("\n");
}

function row({ request, answer }, current, rejected, { onChoose, onReject }) {
  const line = element("li", undefined, `line${answer ? " answered" : ""}`);
  const suggestion = suggestionOf(request, rejected);
  const main = element(answer ? "div" : "button", undefined, "line-main");
  main.append(lineText(request), answer ? given(answer) : state(request, suggestion));
  if (answer) {
    line.append(main);
    return line;
  }
  main.type = "button";
  if (request === current) main.setAttribute("aria-current", "true");
  onClick(main, () => onChoose(request));
  const reject = element("button", "✗", "line-reject quiet");
  reject.type = "button";
  reject.disabled = suggestion === undefined;
  reject.setAttribute("aria-label", `Not ${suggestion ?? "this"}: ${request.record_id}`);
  onClick(reject, () => onReject(request));
  line.append(main, reject);
  return line;
}

function lineText({ record, record_id }) {
  const features = Object.entries(record.features || {}).map(([name, value]) => `${name} ${value}`);
  const text = named((record.text ?? features.join(" · ")).trim() || record_id, "span");
  text.classList.add("line-text");
  return text;
}

function state(request, suggestion) {
  if (suggestion === undefined) return element("span", "your call", "line-state open");
  const share = new Map(ranked(request.scores)).get(suggestion);
  const chip = element("span", undefined, "line-state");
  chip.append(named(suggestion, "span"), element("span", share === undefined ? "" : ` ${percent(share)}`, "share"));
  return chip;
}

function given({ action, label }) {
  const chip = element("span", undefined, "line-state given");
  chip.append({ label: "✓ ", add: "+ " }[action] || "", named(label ?? action.replace("_", " "), "span"));
  return chip;
}
