// One reviewer's desk: the record in front, the next ones under lease behind it, and what was answered before.
// Times are measured on a clock that only goes forward: whoever's watch is wrong, leases and answers are not.

import { Refused } from "./api.js";
import { Outbox } from "./outbox.js";
import { Past } from "./past.js";

const AHEAD = 3;
const RENEWED_AT_ONCE = 50;
const LOOK_AGAIN_MS = 1500;
const RETURNS_AFTER_MS = [150, 250, 400, 700, 1500, 2500];

const now = () => performance.now();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const inWords = (answers) => (answers === 1 ? "one of your answers waits" : `${answers} of your answers wait`);
const decisionOf = (request) => request.request_id.replace(/#\d+$/, "");

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Desk {
  constructor(api, filter, { onChange, onNotice, onOffer, onStanding, onLoggedOut }) {
    this.api = api;
    this.filter = filter;
    this.onChange = onChange;
    this.onNotice = onNotice;
    this.onOffer = onOffer;
    this.onStanding = onStanding;
    this.onLoggedOut = onLoggedOut;
    this.current = null;
    this.shownAt = 0;
    this.ahead = [];
    this.past = new Past();
    this.returning = new Set();
    this.isOpen = false;
    this.isFetching = false;
    this.activeAt = now();
    this.outbox = new Outbox(api.answer, {
      onSent: () => this.onChange(),
      onRefused: (answer, error) => this.refused(answer, error),
      onChange: (error) => this.sending(error),
    });
  }

  // Who logs in again goes on where they were; what another one held here is theirs no more.
  open(reviewer, leaseSeconds) {
    if (this.reviewer !== reviewer) [this.current, this.ahead] = [null, []];
    this.reviewer = reviewer;
    this.isOpen = true;
    this.leaseMs = leaseSeconds * 1000;
    this.past.belongTo(reviewer);
    this.outbox.belongTo(reviewer);
    this.renewals ??= setInterval(() => this.renew(), this.leaseMs / 3);
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

  // Who looks elsewhere keeps the record in front of them, and its document; the others may go to somebody else.
  rest() {
    this.letGo((request) => !this.isOfThisDocument(request));
  }

  // Others are wanted from now on: what is not goes back, documents as a whole.
  refilter() {
    const isUnwanted = this.current && !this.lines().some((line) => this.filter.passes(line));
    const unwanted = isUnwanted ? this.lines() : [];
    this.letGo((request) => unwanted.includes(request) || !this.isWanted(request), unwanted);
    if (isUnwanted) this.show(this.ahead.shift() || null);
    this.wake?.();
    this.fetchMore();
  }

  isWanted(request) {
    return this.filter.passes(request) || this.isOfThisDocument(request);
  }

  // Gives those of the records ahead back that are meant, and some more.
  letGo(isMeant, more = []) {
    const gone = [...new Set([...more, ...this.ahead.filter(isMeant)])].map((request) => request.request_id);
    this.ahead = this.ahead.filter((request) => !isMeant(request));
    if (gone.length) this.api.release(gone).catch(() => {});
  }

  held() {
    return [this.current, ...this.ahead].filter(Boolean).map((request) => request.request_id);
  }

  isOfThisDocument(request) {
    return Boolean(this.current?.record.group) && request.record.group === this.current.record.group;
  }

  // The open lines of the document in front.
  lines() {
    return this.current ? [this.current, ...this.ahead.filter((request) => this.isOfThisDocument(request))] : [];
  }

  // Another line of the same document comes to the front.
  choose(request) {
    if (request === this.current || !this.ahead.includes(request)) return;
    this.ahead = [this.current, ...this.ahead.filter((each) => each !== request)];
    this.show(request);
  }

  answer(action, label) {
    const request = this.current;
    if (!request) return;
    const answer = {
      response_id: newId(),
      request_id: request.request_id,
      record_id: request.record_id,
      action,
      seconds: Math.min(86400, (now() - this.shownAt) / 1000),
    };
    if (label !== undefined) answer.label = label;
    this.past.add(request, answer);
    this.next(request);
    this.outbox.add(answer);
    this.fetchMore();
  }

  // A line that nobody was asked about: a record and a verdict of its own.
  addRecord(record, label) {
    const answer = { response_id: newId(), label };
    this.past.add({ record }, { ...answer, action: "add" });
    this.outbox.add({ ...answer, record });
  }

  takeBackAdded(added) {
    if (!this.outbox.takeBack(added)) this.outbox.add({ response_id: newId(), added });
    this.onNotice("The line you added is taken back.");
  }

  next(after) {
    const sibling = this.ahead.find((request) => after.record.group && request.record.group === after.record.group);
    const following = sibling || this.ahead[0] || null;
    this.ahead = this.ahead.filter((request) => request !== following);
    this.show(following);
  }

  // Takes back what was answered last: at once when it is still here, else by asking for it again.
  async undo() {
    const last = this.past.pop();
    if (!last) return;
    const { request_id, record_id, response_id, action } = last.answer;
    if (action === "add") return this.takeBackAdded(response_id);
    const wasSent = !this.outbox.takeBack(response_id);
    if (wasSent && action !== "put_back") {
      this.onNotice("Taking it back…");
      this.outbox.add({ response_id: newId(), request_id, record_id, action: "undo" });
      this.onChange();
      await this.awaitReturn(decisionOf(last.answer));
    } else if (last.request && !wasSent) {
      this.bringBack(last.request);
    } else {
      await this.takeAgain(request_id);
    }
  }

  // What was taken back comes whatever filter is on.
  async awaitReturn(decision) {
    this.returning.add(decision);
    for (const wait of RETURNS_AFTER_MS) {
      await pause(wait);
      if (!this.outbox.answers.length && this.returning.has(decision)) (await this.lease(1, {})).forEach((request) => this.accept(request));
      if (!this.returning.has(decision)) return this.letGo((request) => !this.isWanted(request));
    }
    this.returning.delete(decision);
    this.onNotice("It could not be taken back: somebody else has it, or its time is over.");
  }

  // Asks for one record by its name: after its lease lapsed, or when it was put back.
  async takeAgain(requestId) {
    try {
      const [request] = await this.api.take([requestId]);
      this.onNotice("");
      this.bringBack(request);
    } catch (error) {
      if (error instanceof Refused && !error.isLoggedOut) this.onNotice(`It cannot be taken again: ${error.message}.`);
      else this.troubled(error);
    }
  }

  bringBack(request) {
    if (request.request_id === this.current?.request_id) return;
    this.ahead = [this.current, ...this.ahead].filter((each) => each && each.request_id !== request.request_id);
    this.show(request);
  }

  accept(request) {
    if (this.held().includes(request.request_id)) return;
    if (this.returning.delete(decisionOf(request))) {
      this.onNotice("Taken back: answer it anew.");
      this.bringBack(request);
    } else if (this.current) {
      this.ahead.push(request);
      if (this.isOfThisDocument(request)) this.onChange();
    } else {
      this.show(request);
    }
  }

  show(request) {
    this.current = request;
    this.shownAt = now();
    this.onChange();
  }

  async fetchMore() {
    if (this.isFetching) return;
    this.isFetching = true;
    while (this.isOpen && this.others() < AHEAD) {
      const requests = document.hidden ? [] : await this.lease(AHEAD - this.others() + (this.current ? 0 : 1));
      requests.forEach((request) => this.accept(request));
      if (!requests.length) {
        if (!this.current) this.onChange();
        await this.wakened(LOOK_AGAIN_MS);
      }
    }
    this.isFetching = false;
  }

  // Records ahead that are no lines of the document in front: it is never the last thing that is here.
  others() {
    return this.ahead.filter((request) => !this.isOfThisDocument(request)).length;
  }

  wakened(ms) {
    return Promise.race([pause(ms), new Promise((resolve) => (this.wake = resolve))]);
  }

  async lease(count, only = this.filter.only()) {
    try {
      const { requests, notice } = await this.api.next(count, only);
      this.connected();
      this.onStanding(notice || "");
      return this.isOpen ? requests : [];
    } catch (error) {
      this.troubled(error);
      return [];
    }
  }

  // Holds on while the reviewer is there; who went away lets others have the records.
  async renew() {
    const held = this.held();
    if (!this.isOpen || now() - this.activeAt > this.leaseMs) return;
    for (let from = 0; from < held.length; from += RENEWED_AT_ONCE) await this.renewSome(held.slice(from, from + RENEWED_AT_ONCE));
  }

  async renewSome(ids) {
    try {
      const { lost } = await this.api.renew(ids);
      this.drop(lost);
    } catch (error) {
      if (error instanceof Refused && error.kind === "lease-lost") this.drop(ids);
      else this.troubled(error);
    }
  }

  drop(ids) {
    const lost = this.current && ids.includes(this.current.request_id) ? this.current : null;
    this.ahead = this.ahead.filter((request) => !ids.includes(request.request_id));
    if (lost) {
      this.next(lost);
      this.onOffer("Your time for the last record was over: it is back in line.", lost);
    }
    this.fetchMore();
  }

  refused(answer, error) {
    const entry = this.past.forget(answer.response_id);
    if (answer.action === "undo" || answer.added) this.onNotice("It could not be taken back: it is no longer known.");
    else if (answer.record) this.onNotice(`The line was not added: ${error.message}.`);
    else if (error.kind === "lease-lost") this.onOffer(`Your last answer does not count: ${error.message}.`, entry?.request || answer);
    else this.onNotice(`Your last answer does not count: ${error.message}.`);
    this.onChange();
  }

  sending(error) {
    if (error?.isLoggedOut) this.loggedOut();
    else if (error) this.onNotice(`No connection: ${inWords(this.outbox.answers.length)} here and ${this.outbox.answers.length === 1 ? "is" : "are"} sent later.`);
    else if (!this.outbox.answers.length) this.connected();
    this.isAway = Boolean(error);
    this.onChange();
  }

  troubled(error) {
    if (error instanceof Refused && error.isLoggedOut) {
      this.loggedOut();
    } else {
      this.isAway = true;
      this.onNotice("The review service does not answer; trying again…");
    }
  }

  loggedOut() {
    this.isOpen = false;
    this.onLoggedOut();
  }

  connected() {
    if (!this.isAway) return;
    this.isAway = false;
    this.onNotice("");
  }
}
