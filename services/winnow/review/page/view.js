// Puts a record into the document. Records are hostile: everything goes in as text, nothing as markup.

const MANY_LABELS = 9;
const LEANING = 2 / 3;

export const byId = (id) => document.getElementById(id);

const percent = (share) => `${Math.round(share * 100)} %`;

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function reasonInWords(request) {
  const [first, second] = ranked(request.scores);
  const words = {
    cold: "The model is still learning, so people label everything for now.",
    uncertain: unsure(first, second),
    novel: "The model has seen nothing like this before.",
    suspended: "The machine may not label at the moment, so people look at everything.",
    stale: "The machine waits for news about its limits, so people look at everything.",
    disputed: "Somebody says that the label it had is wrong.",
    recalled: "The machine's label was withdrawn: it needs a better one.",
  };
  return words[request.reason] || "";
}

function unsure(first, second) {
  if (!second) return "The model is not sure.";
  if (first[1] > LEANING) return `The model leans to ${first[0]}, but is not sure enough.`;
  return `The model cannot decide between ${first[0]} and ${second[0]}.`;
}

function ranked(scores) {
  return Object.entries(scores || {}).sort((a, b) => b[1] - a[1]);
}

export function showRecord(request) {
  const { record } = request;
  byId("record-title").textContent = request.record_id;
  byId("group").hidden = !record.group;
  byId("group").textContent = record.group || "";
  showPairs(record.show);
  byId("text").hidden = record.text === undefined;
  byId("text").textContent = record.text ?? "";
  showFeatures(record.features);
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

function showFeatures(features = {}) {
  byId("features").hidden = !Object.keys(features).length;
  byId("feature-rows").replaceChildren(
    ...Object.entries(features).map(([name, value]) => {
      const row = element("tr");
      const head = element("th", name);
      head.scope = "row";
      const cell = element("td", typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 6 }) : String(value));
      cell.dir = "auto";
      if (typeof value === "number") cell.className = "number";
      row.append(head, cell);
      return row;
    }),
  );
}

export function showAdvice(request) {
  byId("why").textContent = request.blind ? "Nothing is suggested here: your own judgement counts." : reasonInWords(request);
  const bars = request.blind ? [] : ranked(request.scores).slice(0, 3);
  byId("scores").hidden = !bars.length;
  byId("scores").replaceChildren(
    ...bars.map(([label, share]) => {
      const bar = element("li");
      const track = element("span", undefined, "track");
      const fill = element("span", undefined, "fill");
      fill.style.width = `${share * 100}%`;
      track.append(fill);
      bar.append(element("span", label, "label-name"), track, element("span", percent(share), "share"));
      return bar;
    }),
  );
}

export function showLabels(request, filter, onPick) {
  const isMany = request.labels.length > MANY_LABELS;
  byId("search").hidden = !isMany;
  const wanted = filter.trim().toLowerCase();
  const suggestion = request.blind ? undefined : request.suggestion;
  const shown = request.labels
    .map((label, index) => ({ label, key: index < MANY_LABELS ? String(index + 1) : "" }))
    .filter(({ label }) => label.toLowerCase().includes(wanted));
  if (isMany) shown.sort((a, b) => (b.label === suggestion) - (a.label === suggestion));
  byId("labels").classList.toggle("many", isMany);
  byId("labels").replaceChildren(...shown.map(({ label, key }) => labelButton(label, key, label === suggestion, onPick)));
}

function labelButton(label, key, isSuggested, onPick) {
  const button = element("button", undefined, isSuggested ? "label suggested" : "label");
  button.type = "button";
  if (key) button.append(element("kbd", key));
  button.append(element("span", label, "label-name"));
  if (isSuggested) button.append(element("kbd", "Enter", "accept"), element("span", ", suggested", "unseen"));
  button.addEventListener("click", (event) => event.detail < 2 && onPick(label));
  return button;
}
