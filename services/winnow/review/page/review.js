// The page: who is logged in, what the keys do, and which part of the document is to be seen.

import { showAdvice, suggestionOf } from "./advice.js";
import { Refused, api } from "./api.js";
import { Desk } from "./desk.js";
import * as dialogs from "./dialogs.js";
import { acceptable, linesOf, neighbour, showDocument } from "./document.js";
import { byId, onClick, sentence } from "./dom.js";
import * as filters from "./filters.js";
import { arranged, point, pointed, showLabels } from "./labels.js";
import { showRecord } from "./record.js";

const COUNT_AGAIN_MS = 4000;
const NOTICE_MS = 8000;
const NEW_ONES = "New records appear here by themselves.";
const NONE_OF_THESE = "Nothing of what you chose waits; it appears here by itself.";

let task = null;
let shown = null;
let isLoggedIn = false;
let noticeEnds = 0;
let offered = null;
let rejected = new Map();

const desk = new Desk(api, filters, { onChange: render, onNotice: notice, onOffer: offer, onStanding: standing, onLoggedOut: askForToken });
const rejectedOf = (request) => rejected.get(request.request_id) || new Set();

function render() {
  const request = isLoggedIn ? desk.current : null;
  byId("login").hidden = isLoggedIn;
  byId("counts").hidden = byId("who").hidden = !isLoggedIn;
  byId("desk").hidden = !request;
  byId("actions").hidden = !isLoggedIn || !(request || desk.past.length);
  byId("actions").classList.toggle("resting", !request);
  byId("empty").hidden = !isLoggedIn || Boolean(request);
  byId("show-all").hidden = !filters.isOn();
  byId("done").textContent = desk.past.done;
  byId("undo").disabled = !desk.past.length;
  byId("skip").disabled = byId("put-back").disabled = !request;
  if (request !== shown) {
    showRequest(request);
    count();
  } else if (request) {
    showLines();
  }
}

function showRequest(request) {
  shown = request;
  document.title = request ? `${request.record_id} · Winnow` : "Review · Winnow";
  document.body.classList.toggle("many-labels", false);
  if (!request) return;
  byId("label-search").value = "";
  showRecord(request);
  showChoice();
  if (linesOf(desk).length < 2) window.scrollTo(0, 0);
  byId(byId("record").hidden ? "desk" : "record").focus({ preventScroll: true });
}

// All that changes when a suggestion is rejected.
function showChoice() {
  showAdvice(shown);
  showLines();
  refreshLabels();
  const suggestion = suggestionOf(shown, rejectedOf(shown));
  byId("reject").disabled = suggestion === undefined;
  byId("reject").lastElementChild.textContent = suggestion === undefined ? "Not this" : `Not ${suggestion}`;
}

function showLines() {
  showDocument(desk, { rejectedOf, onChoose: (request) => desk.choose(request), onReject: rejectLine });
}

function refreshLabels() {
  if (!shown) return;
  showLabels(shown, {
    typed: byId("label-search").value,
    suggestion: suggestionOf(shown, rejectedOf(shown)),
    rejected: rejectedOf(shown),
    lately: desk.past.labelsLately(),
    onPick: pick,
  });
}

function pick(label) {
  notice("");
  desk.answer("label", label);
}

function notice(text) {
  offered = null;
  byId("take-again").hidden = true;
  byId("notice").textContent = text;
  clearTimeout(noticeEnds);
  if (text && !text.startsWith("No connection")) noticeEnds = setTimeout(() => notice(""), NOTICE_MS);
}

// Something was lost that may be had again: the offer stays until it is taken or something else is said.
function offer(text, request) {
  notice(text);
  clearTimeout(noticeEnds);
  offered = request.request_id;
  byId("take-again").hidden = false;
}

// What a reviewer is told about their own answers, for as long as it holds.
function standing(text) {
  if (byId("standing").textContent !== text) byId("standing").textContent = text;
}

function accept() {
  if (!shown) return;
  const suggestion = suggestionOf(shown, rejectedOf(shown));
  if (suggestion === undefined) notice("Nothing is suggested here: press the key of a label.");
  else pick(suggestion);
}

// Of two labels the other one is meant; of more the next likely one is offered.
function reject() {
  if (!shown) return;
  const suggestion = suggestionOf(shown, rejectedOf(shown));
  if (suggestion === undefined) return;
  if (shown.labels.length === 2 && shown.labels.includes(suggestion)) {
    pick(shown.labels.find((label) => label !== suggestion));
    return;
  }
  rejected.set(shown.request_id, new Set([...rejectedOf(shown), suggestion]));
  showChoice();
}

function rejectLine(request) {
  desk.choose(request);
  reject();
}

function acceptRest() {
  const rest = acceptable(desk, rejectedOf);
  for (const request of rest) {
    desk.choose(request);
    desk.answer("label", suggestionOf(request, rejectedOf(request)));
  }
}

function addLabel() {
  if (shown && task.open_labels) dialogs.askForLabel(byId("label-search").value.trim());
}

function addLine() {
  if (shown?.record.group) dialogs.askForLine(shown.labels);
}

function toLine(step) {
  if (shown) desk.choose(neighbour(desk, step));
}

function search() {
  if (!byId("search").hidden) byId("label-search").focus();
}

const COMMANDS = {
  Enter: accept,
  x: reject,
  "/": search,
  "+": addLabel,
  s: () => desk.answer("skip"),
  b: () => desk.answer("put_back"),
  u: () => desk.undo(),
  j: () => toLine(1),
  k: () => toLine(-1),
  ArrowDown: () => toLine(1),
  ArrowUp: () => toLine(-1),
  a: acceptRest,
  n: addLine,
  "?": dialogs.showKeys,
};

function onKey(event) {
  desk.activeAt = performance.now();
  if (!isLoggedIn || event.ctrlKey || event.metaKey || event.altKey || event.repeat || dialogs.isOpen()) return;
  if (event.target instanceof HTMLInputElement || (event.key === "Enter" && event.target.closest("button, summary"))) return;
  if (event.key.startsWith("Arrow") && linesOf(desk).length < 2) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = COMMANDS[key] || labelOf(key);
  if (!action) return;
  event.preventDefault();
  action();
}

function labelOf(key) {
  const entry = shown && arranged(shown, desk.past.labelsLately()).first.find((each) => each.key === key);
  return entry ? () => pick(entry.label) : null;
}

function onSearchKey(event) {
  if (event.key === "Escape") {
    event.target.value = "";
    refreshLabels();
    byId("record").focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    point(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && event.target.value.trim()) {
    if (pointed()) pointed().click();
    else addLabel();
  }
}

async function count() {
  if (!isLoggedIn || document.hidden) return;
  const counts = await api.queue().catch(() => null);
  if (!counts) return;
  byId("waiting").textContent = (counts.waiting + desk.held().length).toLocaleString("en");
  byId("empty-text").textContent = counts.pause ? pausedInWords(counts.pause) : filters.isOn() ? NONE_OF_THESE : NEW_ONES;
}

const pausedInWords = ({ by, note }) => `The queue is paused by ${by}${note ? `: ${note}` : ""}.`;

async function askForFilter() {
  const counts = await api.queue().catch(() => null);
  if (counts) filters.open(counts);
  else notice("The review service does not answer; try again.");
}

function refilter() {
  desk.refilter();
  render();
  count();
}

async function logIn(event) {
  event.preventDefault();
  byId("login-error").textContent = "";
  try {
    await begin(await api.login(byId("token").value.trim()));
  } catch (error) {
    byId("login-error").textContent = error instanceof Refused ? sentence(error.message) : "The service does not answer.";
  }
}

async function begin(session) {
  task = await api.task();
  isLoggedIn = true;
  notice("");
  byId("token").value = "";
  byId("task").textContent = task.task;
  byId("name").textContent = session.name;
  byId("to-operators").hidden = session.role !== "operator";
  byId("new-label").hidden = !task.open_labels;
  dialogs.setUp(task, { onLabel: pick, onLine: lineAdded });
  filters.setUp(session.name, refilter);
  desk.open(session.name, task.lease_seconds);
  render();
}

function lineAdded(record, label) {
  desk.addRecord({ ...record, group: shown.record.group }, label);
  notice("Added as a record of its own; U takes it back.");
}

function askForToken() {
  if (isLoggedIn) notice("Log in again to go on: your answers are kept.");
  isLoggedIn = false;
  render();
  byId("token").focus();
}

async function logOut() {
  await desk.close();
  await api.logout().catch(() => {});
  isLoggedIn = false;
  render();
}

const BUTTONS = {
  skip: () => desk.answer("skip"),
  "put-back": () => desk.answer("put_back"),
  undo: () => desk.undo(),
  reject,
  "new-label": addLabel,
  "accept-rest": acceptRest,
  "add-line": addLine,
  "add-beside": addLine,
  help: dialogs.showKeys,
  logout: logOut,
  filter: askForFilter,
  "show-all": filters.clear,
  "take-again": () => offered && desk.takeAgain(offered),
};
for (const [id, action] of Object.entries(BUTTONS)) onClick(byId(id), action);
byId("login").addEventListener("submit", logIn);
byId("label-search").addEventListener("input", refreshLabels);
byId("label-search").addEventListener("keydown", onSearchKey);
document.addEventListener("keydown", onKey);
document.addEventListener("pointerdown", () => (desk.activeAt = performance.now()));
document.addEventListener("visibilitychange", () => (document.hidden ? desk.rest() : (desk.outbox.flush(), desk.wake?.())));
window.addEventListener("online", () => desk.outbox.flush());
window.addEventListener("pagehide", () => desk.close());
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

setInterval(count, COUNT_AGAIN_MS);
api.session().then(begin).catch(askForToken);
