// The page: who is logged in, what the keys do, and which part of the document is to be seen.

import { Refused, api } from "./api.js";
import { Desk } from "./desk.js";
import { byId, showAdvice, showLabels, showRecord } from "./view.js";

const COUNT_AGAIN_MS = 4000;
const NOTICE_MS = 6000;

let shown = null;
let isLoggedIn = false;
let noticeEnds = 0;

const desk = new Desk(api, { onChange: render, onNotice: notice, onLoggedOut: askForToken });

function render() {
  const request = isLoggedIn ? desk.current : null;
  byId("login").hidden = isLoggedIn;
  byId("counts").hidden = byId("who").hidden = !isLoggedIn;
  byId("desk").hidden = !request;
  byId("actions").hidden = !isLoggedIn || !(request || desk.answered.length);
  byId("actions").classList.toggle("resting", !request);
  byId("empty").hidden = !isLoggedIn || Boolean(request);
  byId("done").textContent = desk.done;
  byId("undo").disabled = !desk.answered.length;
  byId("skip").disabled = byId("put-back").disabled = !request;
  if (request !== shown) {
    showRequest(request);
    count();
  }
}

function showRequest(request) {
  shown = request;
  document.title = request ? `${request.record_id} · Winnow` : "Review · Winnow";
  if (!request) return;
  byId("label-search").value = "";
  showRecord(request);
  showAdvice(request);
  refreshLabels();
  window.scrollTo(0, 0);
  byId("record").focus({ preventScroll: true });
}

function refreshLabels() {
  if (shown) showLabels(shown, byId("label-search").value, pick);
}

function pick(label) {
  notice("");
  desk.answer("label", label);
}

function notice(text) {
  byId("notice").textContent = text;
  clearTimeout(noticeEnds);
  if (text && !text.startsWith("No connection")) noticeEnds = setTimeout(() => notice(""), NOTICE_MS);
}

function accept() {
  if (!shown) return;
  if (shown.blind || shown.suggestion === undefined) notice("Nothing is suggested here: press the digit of a label.");
  else pick(shown.suggestion);
}

const KEYS = {
  Enter: accept,
  s: () => desk.answer("skip"),
  b: () => desk.answer("put_back"),
  u: () => desk.undo(),
  "/": () => byId("search").hidden || byId("label-search").focus(),
};

function onKey(event) {
  desk.activeAt = Date.now();
  if (!isLoggedIn || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target instanceof HTMLInputElement || (event.key === "Enter" && event.target instanceof HTMLButtonElement)) return;
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] || digit(event.key);
  if (!action) return;
  event.preventDefault();
  action();
}

function digit(key) {
  const label = /^[1-9]$/.test(key) && shown ? shown.labels[Number(key) - 1] : undefined;
  return label === undefined ? null : () => pick(label);
}

function onSearchKey(event) {
  if (event.key === "Escape") {
    event.target.value = "";
    refreshLabels();
    byId("record").focus();
  } else if (event.key === "Enter" && event.target.value.trim()) {
    const first = byId("labels").querySelector("button");
    if (first) first.click();
  }
}

async function count() {
  if (!isLoggedIn || document.hidden) return;
  const counts = await api.queue().catch(() => null);
  if (counts) byId("waiting").textContent = counts.waiting + desk.held().length;
}

async function logIn(event) {
  event.preventDefault();
  byId("login-error").textContent = "";
  try {
    await begin(await api.login(byId("token").value.trim()));
  } catch (error) {
    byId("login-error").textContent = error instanceof Refused ? `${error.message}.` : "The service does not answer.";
  }
}

async function begin(session) {
  const task = await api.task();
  isLoggedIn = true;
  byId("token").value = "";
  byId("task").textContent = task.task;
  byId("name").textContent = session.name;
  desk.open(session.name, task.lease_seconds);
  render();
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

const onceClicked = (id, action) => byId(id).addEventListener("click", (event) => event.detail < 2 && action());
onceClicked("skip", () => desk.answer("skip"));
onceClicked("put-back", () => desk.answer("put_back"));
onceClicked("undo", () => desk.undo());
onceClicked("logout", logOut);
byId("login").addEventListener("submit", logIn);
byId("label-search").addEventListener("input", refreshLabels);
byId("label-search").addEventListener("keydown", onSearchKey);
document.addEventListener("keydown", onKey);
document.addEventListener("pointerdown", () => (desk.activeAt = Date.now()));
document.addEventListener("visibilitychange", () => (document.hidden ? desk.rest() : desk.outbox.flush()));
window.addEventListener("online", () => desk.outbox.flush());
window.addEventListener("pagehide", () => desk.close());
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

setInterval(count, COUNT_AGAIN_MS);
api.session().then(begin).catch(askForToken);
