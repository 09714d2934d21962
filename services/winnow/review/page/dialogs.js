// What is asked for in a window of its own: the keys, a label that is not there yet, a line that was missed.

import { byId, element } from "./dom.js";
import { COMMANDS } from "./keys.js";

export function setUp(task, { onLabel, onLine }) {
  byId("key-list").replaceChildren(...COMMANDS.flatMap(([key, what]) => [wrapped("dt", element("kbd", key)), element("dd", what)]));
  byId("line-text-field").hidden = !task.input.text;
  byId("line-fields").replaceChildren(...Object.entries(task.input.features).map(field));
  onSubmit("label-form", () => {
    const label = byId("label-name").value.trim();
    if (label) onLabel(label);
    return Boolean(label);
  });
  onSubmit("line-form", () => addLine(task, onLine));
}

export const isOpen = () => Boolean(document.querySelector("dialog[open]"));
export const showKeys = () => byId("keys").showModal();

export function askForLabel(typed) {
  byId("label-name").value = typed;
  byId("label-dialog").showModal();
}

export function askForLine(labels) {
  byId("line-form").reset();
  byId("line-error").textContent = "";
  byId("line-labels").replaceChildren(...labels.map((label) => Object.assign(element("option"), { value: label })));
  byId("line-dialog").dataset.labels = JSON.stringify(labels);
  byId("line-dialog").showModal();
}

function onSubmit(id, isDone) {
  byId(id).onsubmit = (event) => {
    event.preventDefault();
    if (isDone()) byId(id).closest("dialog").close();
  };
}

for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());

function addLine(task, onLine) {
  const label = byId("line-label").value.trim();
  const record = {};
  if (task.input.text && byId("line-text").value.trim()) record.text = byId("line-text").value;
  const features = [...byId("line-fields").querySelectorAll("[name]")].flatMap(written);
  if (features.length) record.features = Object.fromEntries(features);
  const isKnown = task.open_labels || JSON.parse(byId("line-dialog").dataset.labels).includes(label);
  const complaint = !isKnown ? `The task has no label ${label}.` : record.text || record.features ? "" : "There is nothing in it yet.";
  byId("line-error").textContent = complaint;
  if (!complaint) onLine(record, label);
  return !complaint;
}

function field([name, kind]) {
  const label = element("label", name);
  const input = element("input");
  input.name = name;
  input.type = { number: "number", flag: "checkbox", category: "text" }[kind];
  input.step = "any";
  label.append(input);
  return label;
}

function written(input) {
  if (input.type === "checkbox") return [[input.name, input.checked]];
  if (input.value === "") return [];
  return [[input.name, input.type === "number" ? input.valueAsNumber : input.value]];
}

function wrapped(tag, child) {
  const made = element(tag);
  made.append(child);
  return made;
}
