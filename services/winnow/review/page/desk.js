// One reviewer's desk: the record in front, the next ones under lease behind it, and what was answered before.

import { Refused } from "./api.js";
import { Outbox } from "./outbox.js";

const AHEAD = 3;
const LOOK_AGAIN_MS = 1500;
const RETURNS_AFTER_MS = [150, 250, 400, 700, 1500];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const decisionOf = (request) => request.request_id.replace(/#\d+$/, "");

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Desk {
  constructor(api, { onChange, onNotice, onLoggedOut }) {
    this.api = api;
    this.onChange = onChange;
    this.onNotice = onNotice;
    this.onLoggedOut = onLoggedOut;
    this.current = null;
    this.shownAt = 0;
    this.ahead = [];
    this.answered = [];
    this.done = 0;
    this.isOpen = false;
    this.isFetching = false;
    this.activeAt = Date.now();
    this.outbox = new Outbox(api.answer, {
      onSent: () => this.onChange(),
      onRefused: (answer, error) => this.refused(answer, error),
      onChange: (error) => this.sending(error),
    });
  }

  open(reviewer, leaseSeconds) {
    this.isOpen = true;
    this.outbox.belongTo(reviewer);
    this.renewals ??= setInterval(() => this.renew(leaseSeconds), (leaseSeconds * 1000) / 3);
    this.outbox.flush();
    this.fetchMore();
  }

  // Gives everything back that was not answered.
  close() {
    this.isOpen = false;
    const held = this.held();
    this.current = null;
    this.ahead = [];
    return held.length ? this.api.release(held).catch(() => {}) : Promise.resolve();
  }

  // Who looks elsewhere keeps the record in front of them; the others may go to somebody else.
  rest() {
    const ahead = this.ahead.map((request) => request.request_id);
    this.ahead = [];
    if (ahead.length) this.api.release(ahead).catch(() => {});
  }

  held() {
    return [this.current, ...this.ahead].filter(Boolean).map((request) => request.request_id);
  }

  answer(action, label) {
    const request = this.current;
    if (!request) return;
    const answer = {
      response_id: newId(),
      request_id: request.request_id,
      record_id: request.record_id,
      action,
      seconds: Math.min(86400, (Date.now() - this.shownAt) / 1000),
    };
    if (label !== undefined) answer.label = label;
    if (action === "label") this.done += 1;
    this.answered.push({ request, answer });
    this.show(this.ahead.shift() || null);
    this.outbox.add(answer);
    this.fetchMore();
  }

  // Takes back what was answered last: at once when it is still here, else by asking for it again.
  async undo() {
    const last = this.answered.pop();
    if (!last) return;
    if (last.answer.action === "label") this.done -= 1;
    if (this.outbox.takeBack(last.answer.response_id)) {
      this.bringBack(last.request);
      return;
    }
    if (last.answer.action === "put_back") {
      this.onNotice("It is back in line already.");
      this.onChange();
      return;
    }
    const { request_id, record_id } = last.request;
    this.onNotice("Taking it back…");
    this.outbox.add({ response_id: newId(), request_id, record_id, action: "undo" });
    this.onChange();
    await this.awaitReturn(decisionOf(last.request));
  }

  async awaitReturn(decision) {
    for (const wait of RETURNS_AFTER_MS) {
      await pause(wait);
      if (this.outbox.answers.length) continue;
      for (const request of await this.lease(1)) {
        if (decisionOf(request) === decision) {
          this.onNotice("Taken back: answer it anew.");
          this.bringBack(request);
          return;
        }
        this.take(request);
      }
    }
    this.onNotice("It could not be taken back: somebody else has it, or its time is over.");
  }

  bringBack(request) {
    if (this.current) this.ahead.unshift(this.current);
    this.show(request);
  }

  take(request) {
    if (this.held().includes(request.request_id)) return;
    if (this.current) this.ahead.push(request);
    else this.show(request);
  }

  show(request) {
    this.current = request;
    this.shownAt = Date.now();
    this.onChange();
  }

  async fetchMore() {
    if (this.isFetching) return;
    this.isFetching = true;
    while (this.isOpen && this.ahead.length < AHEAD) {
      const requests = document.hidden ? [] : await this.lease(AHEAD - this.ahead.length + (this.current ? 0 : 1));
      requests.forEach((request) => this.take(request));
      if (!requests.length) {
        if (!this.current) this.onChange();
        await pause(LOOK_AGAIN_MS);
      }
    }
    this.isFetching = false;
  }

  async lease(count) {
    try {
      const requests = await this.api.next(count);
      this.connected();
      return this.isOpen ? requests : [];
    } catch (error) {
      this.troubled(error);
      return [];
    }
  }

  // Holds on while the reviewer is there; who went away lets others have the records.
  async renew(leaseSeconds) {
    const held = this.held();
    if (!this.isOpen || !held.length || Date.now() - this.activeAt > leaseSeconds * 1000) return;
    try {
      const { lost } = await this.api.renew(held);
      this.drop(lost);
    } catch (error) {
      if (error instanceof Refused && error.kind === "lease-lost") this.drop(held);
      else this.troubled(error);
    }
  }

  drop(ids) {
    this.ahead = this.ahead.filter((request) => !ids.includes(request.request_id));
    if (this.current && ids.includes(this.current.request_id)) {
      this.onNotice("Your time for the last record was over: it is back in line.");
      this.show(this.ahead.shift() || null);
    }
    this.fetchMore();
  }

  refused(answer, error) {
    this.answered = this.answered.filter((each) => each.answer.response_id !== answer.response_id);
    if (answer.action === "label") this.done -= 1;
    if (answer.action === "undo") this.onNotice("It could not be taken back: it is no longer known.");
    else this.onNotice(`Your last answer does not count: ${error.message}.`);
    this.onChange();
  }

  sending(error) {
    if (error && (error.status === 401 || error.status === 403)) this.onLoggedOut();
    else if (error) this.onNotice(`No connection: ${this.outbox.answers.length} of your answers wait here and are sent later.`);
    else if (!this.outbox.answers.length) this.connected();
    this.isAway = Boolean(error);
    this.onChange();
  }

  troubled(error) {
    if (error instanceof Refused && (error.status === 401 || error.status === 403)) {
      this.isOpen = false;
      this.onLoggedOut();
    } else {
      this.isAway = true;
      this.onNotice("The review service does not answer; trying again…");
    }
  }

  connected() {
    if (!this.isAway) return;
    this.isAway = false;
    this.onNotice("");
  }
}
