// The operators' page: it asks every few seconds how things stand, and looks finished labels up when told to.

import { Refused, api } from "./api.js";
import { byId, element, sentence } from "./dom.js";
import * as finished from "./finished.js";
import { showPeople, showQueue } from "./figures.js";

const LOOK_AGAIN_MS = 5000;

let isLoggedIn = false;
let pause = null;

function notice(text) {
  byId("notice").textContent = text;
}

async function look() {
  if (!isLoggedIn || document.hidden) return;
  try {
    const [queue, { reviewers }] = await Promise.all([api.queue(), api.reviewers()]);
    pause = queue.pause;
    showQueue(queue);
    showPeople(reviewers, queue.leased_by || {});
    notice(pause ? `The queue is paused by ${pause.by}${pause.note ? `: ${pause.note}` : ""}.` : "");
  } catch (error) {
    if (error instanceof Refused && error.isLoggedOut) show(false);
    else notice("The review service does not answer; trying again…");
  }
}

function show(loggedIn) {
  isLoggedIn = loggedIn;
  byId("login").hidden = loggedIn;
  byId("board").hidden = byId("who").hidden = !loggedIn;
  if (!loggedIn) byId("token").focus();
}

async function begin(session) {
  if (session.role !== "operator") throw new Refused(403, { detail: `${session.name} is no operator: log in with an operator's token` });
  const task = await api.task();
  byId("token").value = "";
  byId("task").textContent = task.task;
  byId("name").textContent = session.name;
  byId("label").append(...task.labels.map((label) => Object.assign(element("option", label), { value: label })));
  show(true);
  await look();
  await finished.search();
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

async function pauseOrResume() {
  if (!pause) byId("pause-dialog").showModal();
  else await say(() => api.resume());
}

async function say(what) {
  try {
    await what();
    await look();
  } catch (error) {
    notice(`That did not work: ${error.message}.`);
  }
}

byId("login").addEventListener("submit", logIn);
byId("pause").addEventListener("click", pauseOrResume);
byId("pause-form").addEventListener("submit", (event) => {
  event.preventDefault();
  byId("pause-dialog").close();
  say(() => api.pause(byId("pause-note").value.trim()));
});
byId("logout").addEventListener("click", async () => {
  await api.logout().catch(() => {});
  show(false);
});
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
finished.setUp(notice);

setInterval(look, LOOK_AGAIN_MS);
api.session().then(begin).catch(() => show(false));
