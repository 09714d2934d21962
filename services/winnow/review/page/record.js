// One record, large and readable: its text with the words that spoke for the suggestion, its features with what is unusual.

import { byId, element, percent } from "./dom.js";

const SHORT_TABLE = 14;
const SHORT_TEXT = 260;
const FEW_LINES = 3;

const written = (value) => (typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 6 }) : String(value));

export function showRecord(request) {
  const { record } = request;
  byId("record-title").textContent = request.record_id;
  byId("group").hidden = !record.group;
  byId("group").textContent = record.group || "";
  showPairs(record.show);
  showText(record.text, request.why);
  showFeatures(record.features, request.unusual, request.why);
}

function showPairs(pairs = {}) {
  const list = byId("show");
  list.hidden = !Object.keys(pairs).length;
  list.replaceChildren(
    ...Object.entries(pairs).flatMap(([name, value]) => {
      const shown = element("dd", value);
      shown.dir = "auto";
      return [element("dt", name), shown];
    }),
  );
}

function showText(text, why = []) {
  const place = byId("text");
  place.hidden = text === undefined;
  place.classList.toggle("short", (text ?? "").length < SHORT_TEXT && (text ?? "").split("\n").length <= FEW_LINES);
  place.replaceChildren(...markedText(text ?? "", why));
}

// The text as it is, with marks around the words that spoke for or against the suggestion.
export function markedText(text, why = []) {
  const weights = new Map(why.filter(({ word }) => word).map(({ word, weight }) => [word, weight]));
  if (!weights.size) return [document.createTextNode(text)];
  const pieces = [];
  let done = 0;
  for (const { index, 0: word } of text.matchAll(/[\p{L}\p{N}_]+/gu)) {
    const weight = weights.get(word.toLowerCase());
    if (weight === undefined) continue;
    pieces.push(document.createTextNode(text.slice(done, index)), element("mark", word, weight > 0 ? "for" : "against"));
    done = index + word.length;
  }
  return [...pieces, document.createTextNode(text.slice(done))];
}

function showFeatures(features = {}, unusual = {}, why = []) {
  const names = Object.keys(features);
  const weights = new Map(why.filter(({ feature }) => feature).map(({ feature, weight }) => [feature, weight]));
  const isSpecial = (name) => Boolean(unusual[name]) || weights.has(name);
  const isShort = names.length <= SHORT_TABLE;
  const first = isShort ? names : names.filter(isSpecial);
  const rest = isShort ? [] : names.filter((name) => !isSpecial(name));
  const row = (name) => featureRow(name, features[name], unusual[name], weights.get(name));
  byId("features").hidden = !names.length;
  byId("feature-table").hidden = !first.length;
  byId("feature-rows").replaceChildren(...first.map(row));
  byId("more-features").hidden = !rest.length;
  byId("more-features").open = !first.length;
  byId("more-features-title").textContent = first.length ? `${rest.length} more, as usual` : `${rest.length} features`;
  byId("more-feature-rows").replaceChildren(...rest.map(row));
}

function featureRow(name, value, odd, weight) {
  const row = element("tr", undefined, odd ? "odd" : "");
  const head = element("th", name);
  head.scope = "row";
  head.dir = "auto";
  const cell = element("td", written(value), typeof value === "number" ? "value number" : "value");
  cell.dir = "auto";
  const remark = element("td", undefined, "remark");
  if (odd) remark.append(element("span", oddInWords(odd), `odd-word ${odd.is}`), " ", element("span", usualInWords(odd), "usual"));
  if (weight !== undefined) remark.append(" ", element("span", weight > 0 ? "speaks for it" : "speaks against it", weight > 0 ? "spoke for" : "spoke against"));
  row.append(head, cell, remark);
  return row;
}

function oddInWords({ is, share }) {
  if (is === "rare") return share === 0 ? "not seen before" : `only ${percent(Math.max(share, 0.01))} have this`;
  const others = Math.min(99, Math.round((1 - share) * 100));
  return `${is === "high" ? "▲ higher" : "▼ lower"} than ${others} of 100`;
}

function usualInWords({ usual }) {
  if (Array.isArray(usual)) return usual[0] === usual[1] ? `mostly ${written(usual[0])}` : `mostly ${written(usual[0])} to ${written(usual[1])}`;
  return usual === undefined ? "" : `mostly ${usual}`;
}
