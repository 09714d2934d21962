// What was answered here, newest last: for undo, one by one, also after the page was loaded anew.
// Only names outlive a reload; the records themselves are asked for again.

const KEPT_UNDER = "winnow-past";
const KEPT_FOR = "winnow-past-of";
const REMEMBERED = 200;
const LABELS_LATELY = 9;

export class Past {
  constructor() {
    this.entries = JSON.parse(sessionStorage.getItem(KEPT_UNDER) || "[]");
    this.done = this.count();
  }

  belongTo(reviewer) {
    if (sessionStorage.getItem(KEPT_FOR) !== reviewer) this.entries = [];
    sessionStorage.setItem(KEPT_FOR, reviewer);
    this.done = this.count();
    this.keep();
  }

  get length() {
    return this.entries.length;
  }

  add(request, answer) {
    this.entries.push({ request, answer });
    if (this.entries.length > REMEMBERED) this.entries.shift();
    this.done += answer.action === "label";
    this.keep();
  }

  pop() {
    return this.forget(this.entries.at(-1)?.answer.response_id);
  }

  forget(responseId) {
    const entry = this.entries.find(({ answer }) => answer.response_id === responseId);
    if (!entry) return undefined;
    this.entries = this.entries.filter((each) => each !== entry);
    this.done -= entry.answer.action === "label";
    this.keep();
    return entry;
  }

  // Lines of a document that were answered here, while the page still has them.
  linesOf(group) {
    return group ? this.entries.filter(({ request }) => request?.record.group === group) : [];
  }

  labelsLately() {
    const labels = this.entries.map(({ answer }) => answer.label).filter((label) => label !== undefined);
    return [...new Set(labels.reverse())].slice(0, LABELS_LATELY);
  }

  count() {
    return this.entries.filter(({ answer }) => answer.action === "label").length;
  }

  keep() {
    sessionStorage.setItem(KEPT_UNDER, JSON.stringify(this.entries.map(({ answer }) => ({ answer }))));
  }
}
