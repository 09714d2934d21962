// Finished labels: found, looked at, and put back in line with a note.

import { api } from "./api.js";
import { byId, element, named, percent, sentence } from "./dom.js";

const SOURCES = { auto: "the machine", human: "people", recall: "recalled" };

let before = null;
let disputed = null;
let tell = () => {};

export function setUp(notice) {
  tell = notice;
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  byId("more").addEventListener("click", () => find(before));
  byId("dispute-form").addEventListener("submit", dispute);
}

export async function search() {
  byId("found").replaceChildren();
  await find(null);
}

async function find(from) {
  try {
    const page = await api.labels({ q: byId("q").value.trim(), label: byId("label").value, source: byId("source").value, before: from });
    before = page.before;
    byId("found").append(...page.labels.map(row));
    byId("more").hidden = !before;
    byId("looked").textContent = `${byId("found").children.length} found among the newest labels${page.oldest_at ? `, back to ${moment(page.oldest_at)}` : ""}.`;
  } catch (error) {
    byId("looked").textContent = `They cannot be looked up: ${error.message}.`;
  }
}

const moment = (text) => new Date(text).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

function row(label) {
  const line = element("li");
  const record = named(label.record_id, "span");
  record.className = "record-id";
  const given = named(label.label ?? "no label", "span");
  given.className = "given-label";
  const sure = label.confidence === undefined ? "" : `, ${percent(label.confidence)} sure`;
  const how = element("span", `${SOURCES[label.source]}${sure} · ${moment(label.at)}`, "how");
  const back = element("button", "Put back", "small");
  back.type = "button";
  back.hidden = label.label === undefined;
  back.setAttribute("aria-label", `Put ${label.record_id} back in line`);
  back.addEventListener("click", () => ask(label, back));
  line.append(record, given, how, back);
  return line;
}

async function ask(label, button) {
  disputed = { label, button };
  byId("note").value = "";
  byId("dispute-error").textContent = "";
  byId("dispute-what").replaceChildren(named(label.record_id), " was labelled ", named(label.label), ` by ${SOURCES[label.source]}.`);
  byId("dispute-record").textContent = "…";
  byId("dispute").showModal();
  byId("dispute-record").textContent = await api.record(label.record_id).then(inWords, (error) => `The record cannot be shown: ${error.message}.`);
}

function inWords({ record, verdict }) {
  const shown = Object.entries(record?.show || {}).map(([name, value]) => `${name}: ${value}`);
  const features = Object.entries(record?.features || {}).map(([name, value]) => `${name}: ${value}`);
  const answers = Object.entries(verdict?.answers || {}).map(([name, label]) => `${name} said ${label}`);
  return [...shown, record?.text, ...features, answers.length ? `\n${answers.join(", ")}` : undefined].filter(Boolean).join("\n") || "Kafka no longer has the record.";
}

async function dispute(event) {
  event.preventDefault();
  const { label, button } = disputed;
  try {
    await api.dispute(label.record_id, byId("note").value.trim());
    byId("dispute").close();
    button.replaceWith(element("span", "in line again", "soft"));
    tell(`${label.record_id} is in line again.`);
  } catch (error) {
    byId("dispute-error").textContent = sentence(error.message);
  }
}
