// Answers on their way: sent one after the other, again and again until the API has taken or refused them.
// They outlive a reload of the page; repeating one changes nothing, for each has an id of its own.

import { Refused } from "./api.js";

const KEPT_UNDER = "winnow-outbox";
const KEPT_FOR = "winnow-outbox-of";
const LONGEST_WAIT_MS = 5000;

export class Outbox {
  constructor(send, { onSent, onRefused, onChange }) {
    this.send = send;
    this.onSent = onSent;
    this.onRefused = onRefused;
    this.onChange = onChange;
    this.answers = JSON.parse(sessionStorage.getItem(KEPT_UNDER) || "[]");
    this.inFlight = null;
    this.isStuck = false;
    this.wait = 0;
  }

  // Answers are their reviewer's: what another one left unsent here is not sent in this one's name.
  belongTo(reviewer) {
    if (sessionStorage.getItem(KEPT_FOR) !== reviewer) this.answers = [];
    sessionStorage.setItem(KEPT_FOR, reviewer);
    this.keep();
  }

  add(answer) {
    this.answers.push(answer);
    this.keep();
    this.flush();
  }

  // Takes an answer out that was not sent yet; false when it is too late for that.
  takeBack(responseId) {
    const at = this.answers.findIndex((answer) => answer.response_id === responseId);
    const mayBeThere = at === 0 && (this.inFlight || this.isStuck);
    if (at < 0 || mayBeThere) return false;
    this.answers.splice(at, 1);
    this.keep();
    return true;
  }

  async flush() {
    if (this.inFlight) return;
    while (this.answers.length) {
      const answer = this.answers[0];
      this.inFlight = answer.response_id;
      const isOver = await this.sendOne(answer);
      this.inFlight = null;
      if (!isOver) return;
      this.answers.shift();
      this.keep();
    }
  }

  async sendOne(answer) {
    try {
      await this.send(answer);
    } catch (error) {
      const isFinal = error instanceof Refused && !error.isPassing && error.status !== 401 && error.status !== 403;
      if (isFinal) this.onRefused(answer, error);
      else this.tryLater(error);
      return isFinal;
    }
    this.isStuck = false;
    this.wait = 0;
    this.onSent(answer);
    return true;
  }

  tryLater(error) {
    this.isStuck = true;
    this.onChange(error);
    if (error.status === 401 || error.status === 403) return;
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2 || 300);
    setTimeout(() => this.flush(), this.wait);
  }

  keep() {
    sessionStorage.setItem(KEPT_UNDER, JSON.stringify(this.answers));
    this.onChange(null);
  }
}
