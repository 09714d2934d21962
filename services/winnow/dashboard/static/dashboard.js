// The page: every board that comes over the stream is written into it. Nothing is sent back.

import { draw } from "./charts.js";
import { byId, child, keepOnly, setText, write } from "./dom.js";
import { clock, count, percent, precise, rate } from "./format.js";
import { drawRiver } from "./river.js";
import { drawRuler } from "./ruler.js";

const REOPEN_MS = 2000;
const SCORERS_SHOWN = 8;
const ALARMS_SHOWN = 8;
let newest = null;

function show(page) {
  newest = page;
  const { figures, words, reading } = page;
  document.body.dataset.tone = words.tone;
  setText("headline", words.headline);
  setText("bound", words.bound);
  showNotices(words.notices);
  drawRuler(byId("ruler"), figures.gate);
  showFlow(figures, words);
  showCharts(figures, words);
  showThresholds(figures.gate);
  showModels(figures, words);
  showScorers(figures.scorers);
  showAlarms(figures.alarms, words);
  const news = reading.news_at === null ? "No metrics so far" : `Newest metrics at ${clock(reading.news_at)}`;
  setText("footer", `${news}. All numbers are counted from the metrics topic. No record's content is ever shown here.`);
}

function showNotices(notices) {
  const list = byId("notices");
  list.hidden = notices.length === 0;
  for (const notice of notices) write(child(list, "li", notice), notice);
  keepOnly(list, notices);
}

function showFlow({ flow, records_per_second: perSecond }, words) {
  setText("rate", rate(perSecond));
  drawRiver(byId("river"), flow);
  const terms = [
    ["records", "records", flow.records],
    ["auto", "labelled by the machine", flow.auto],
    ["people", "given to people", flow.review],
    ["unlabelled", "left unlabelled", flow.unlabelled],
    ["dead", "unreadable", flow.dead],
  ];
  const people = [
    ["people", "labelled by people", flow.labelled_by_people],
    ["open", "waiting", flow.open],
    ["expired", "expired", flow.expired],
    ...(flow.closed_otherwise ? [["expired other", "closed otherwise", flow.closed_otherwise]] : []),
  ];
  showTerms(byId("outcomes"), terms);
  showTerms(byId("reviews"), [["people", "given to people", flow.review], ...people.map(([key, name, value]) => [`of ${key}`, name, value])]);
  showCheck("sum", words.sum, flow.missing);
  showCheck("review-sum", words.review_sum, flow.missing_review);
}

function showTerms(list, terms) {
  for (const [key, name, value] of terms) {
    const term = child(list, "div", key, `term ${key}`);
    write(child(term, "dt", "name"), name);
    write(child(term, "dd", "value"), count(value));
  }
  keepOnly(list, terms.map(([key]) => key));
}

function showCheck(id, text, missing) {
  setText(id, text);
  byId(id).classList.toggle("wrong", missing !== 0);
}

function showCharts({ flow, gate, queue, history }, words) {
  setText("share", percent(flow.recent_auto_share ?? flow.auto_share));
  setText("share-note", flow.auto_share === null ? "" : `over the last minute; ${percent(flow.auto_share)} since the beginning`);
  setText("error", percent(gate.error_estimate));
  setText("error-note", words.estimate);
  setText("open", count(queue.open));
  setText("queue-note", words.queue);
  const times = history.at;
  draw(byId("share-chart"), {
    title: "Share labelled by the machine", times, ceiling: 1, format: percent,
    lines: [{ name: "share", className: "main", values: history.auto_share }],
  });
  draw(byId("error-chart"), {
    title: "Estimated error", times, ceiling: 0.001, limit: gate.target, format: percent,
    lines: [
      { name: "estimate", className: "main", values: history.error_estimate },
      { name: "bound", className: "bound-line", values: history.error_at_most },
    ],
  });
  draw(byId("queue-chart"), {
    title: "Records waiting for people", times, ceiling: 10, format: count,
    lines: [{ name: "open", className: "main", values: history.open }],
  });
}

function showBars(box, values, nothing) {
  const entries = Object.entries(values);
  for (const [name, value] of entries) {
    const row = child(box, "div", `bar ${name}`, "bar");
    write(child(row, "span", "name", "name"), name);
    write(child(row, "span", "value", "value"), precise(value));
    const track = child(row, "span", "track", "track");
    child(track, "span", "fill", "fill").style.width = `${Math.min(100, Math.max(0, value * 100))}%`;
  }
  if (entries.length === 0) write(child(box, "p", "nothing", "note"), nothing);
  keepOnly(box, entries.length ? entries.map(([name]) => `bar ${name}`) : ["nothing"]);
}

function showThresholds({ thresholds }) {
  showBars(byId("thresholds"), thresholds, "No label has a threshold now: people label everything.");
}

function showModels({ learner }, words) {
  const version = learner.version === null ? "No model yet." : `Version ${count(learner.version)}. Right before it was told:`;
  setText("version", version);
  showBars(byId("models"), learner.accuracy, "No accuracy yet.");
  setText("delay", words.delay);
}

function showScorers(scorers) {
  const shown = [...scorers].sort((a, b) => a.silent - b.silent).slice(0, SCORERS_SHOWN);
  showRows(byId("scorers"), shown.map((scorer) => ({
    key: scorer.source,
    name: scorer.source,
    value: scorer.silent ? "silent" : scorer.stale ? "no valid policy" : rate(scorer.records_per_second),
    more: scorer.model_version === null ? "no model" : `model ${count(scorer.model_version)}, policy ${count(scorer.policy_version)}`,
    wrong: scorer.silent || scorer.stale,
  })), "No scorer has reported.");
}

function showAlarms(alarms, words) {
  setText("recalls", words.recalls);
  showRows(byId("alarms"), alarms.slice(0, ALARMS_SHOWN).map((alarm, place) => ({
    key: `alarm ${alarm.number}`,
    name: `Alarm ${alarm.number}`,
    value: alarm.exact ? clock(alarm.at) : `before ${clock(alarm.at)}`,
    more: words.alarms[place],
    wrong: false,
  })), "None so far.");
}

function showRows(box, rows, nothing) {
  for (const { key, name, value, more, wrong } of rows) {
    const row = child(box, "p", key, "row");
    row.classList.toggle("wrong", wrong);
    write(child(row, "strong", "name"), name);
    write(child(row, "span", "value", "value"), value);
    write(child(row, "span", "more", "note"), more);
  }
  if (rows.length === 0) write(child(box, "p", "nothing", "note"), nothing);
  keepOnly(box, rows.length ? rows.map((row) => row.key) : ["nothing"]);
}

function link(state, text) {
  document.body.dataset.link = state;
  setText("link", text);
}

function follow() {
  const stream = new EventSource("/events");
  stream.addEventListener("board", (event) => {
    link("open", "Live");
    show(JSON.parse(event.data));
  });
  stream.addEventListener("error", () => {
    link("lost", "Connection lost: the last known numbers");
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, REOPEN_MS);
  });
}

addEventListener("resize", () => newest && show(newest));
follow();
