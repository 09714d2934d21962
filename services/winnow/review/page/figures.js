// How the queue stands and how people do, as numbers, bars and words.

import { byId, element, percent } from "./dom.js";
import { REASONS } from "./reasons.js";

const HOUR_S = 3600;

const AGES = { minute: "up to a minute", ten_minutes: "ten minutes", hour: "an hour", day: "a day", longer: "longer" };

const many = (number) => Math.round(number).toLocaleString("en");

function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * HOUR_S) return `${Math.round(seconds / HOUR_S)} h`;
  return `${Math.round(seconds / HOUR_S / 24)} days`;
}

export function showQueue(queue) {
  const figures = [
    [many(queue.open), "open"],
    [many(queue.waiting), "waiting"],
    [many(queue.leased), "in somebody's hands"],
    [many(queue.near_duplicates), "like another one"],
    [many(queue.blind), "blind"],
    [queue.oldest_seconds === null ? "–" : duration(queue.oldest_seconds), "the oldest waits"],
  ];
  byId("numbers").replaceChildren(...figures.map(([number, what]) => pair("li", element("b", number), element("span", what))));
  byId("forecast").textContent = forecast(queue);
  byId("pause").textContent = queue.pause ? "Let it go on" : "Pause";
  showBars("waits", Object.entries(queue.waits).map(([age, number]) => [AGES[age] || age, number]));
  const reasons = Object.entries(queue.by_reason).map(([reason, number]) => [REASONS[reason] || reason, number]);
  showBars("reasons", [...reasons, ["blind, whatever the reason", queue.blind]].filter(([, number]) => number));
}

function forecast({ open, forecast: { growth_per_hour: growth, empty_at: emptyAt } }) {
  if (!open) return "Nothing waits.";
  if (emptyAt) return `Empty about ${new Date(emptyAt).toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" })}, if it goes on like this.`;
  if (growth === null) return "Too early to say when it will be empty.";
  return growth > 0 ? `It grows by ${many(growth)} an hour: more people are needed, or fewer requests.` : "It stays as it is.";
}

function showBars(id, entries) {
  const most = Math.max(1, ...entries.map(([, number]) => number));
  byId(id).replaceChildren(
    ...entries.flatMap(([name, number]) => {
      const fill = element("span");
      fill.style.width = `${(100 * number) / most}%`;
      const bar = pair("dd", fill);
      bar.className = "bar";
      bar.setAttribute("aria-hidden", "true");
      return [element("dt", name), bar, element("dd", many(number))];
    }),
  );
}

export function showPeople(reviewers, leasedBy) {
  byId("people").replaceChildren(...reviewers.map((person) => row(person, leasedBy[person.name] || 0)));
}

function row(person, leased) {
  const { day, accuracy, agreement, gold } = person;
  const head = element("th");
  head.scope = "row";
  const dot = element("span", undefined, person.active ? "dot active" : "dot");
  dot.setAttribute("aria-hidden", "true");
  head.append(dot, element("span", person.name), element("span", person.active ? " (at work)" : "", "unseen"));
  if (leased) head.append(element("span", ` · holds ${leased}`, "soft"));
  if (person.needs_second) head.append(" ", element("span", "needs a second", "needs"));
  const line = pair("tr", head);
  const cells = [
    many(day.answers),
    many(day.answers_last_hour),
    day.median_seconds === null ? "–" : day.median_seconds.toFixed(1),
    day.skip_rate === null ? "–" : percent(day.skip_rate),
  ];
  line.append(...cells.map((text) => element("td", text)), right(accuracy), element("td", share(agreement.agreed, agreement.compared)), element("td", share(gold.right, gold.answers)));
  return line;
}

// The estimate in words, its interval as a bar.
function right({ judged, estimate, low, high }) {
  const cell = element("td");
  if (!judged || estimate === null) {
    cell.textContent = "not known yet";
    return cell;
  }
  const range = element("span", undefined, "range");
  const inner = element("span", undefined, "inner");
  inner.style.left = `${100 * low}%`;
  inner.style.width = `${100 * (high - low)}%`;
  range.append(inner);
  range.setAttribute("aria-hidden", "true");
  cell.append(range, `${percent(estimate)} (${percent(low)} to ${percent(high)})`);
  return cell;
}

const share = (some, all) => (all ? `${percent(some / all)} of ${many(all)}` : "–");

function pair(tag, ...children) {
  const made = element(tag);
  made.append(...children);
  return made;
}
