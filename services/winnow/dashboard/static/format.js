// Numbers, shares and times as people read them; what is not known is a dash.

const whole = new Intl.NumberFormat("en");
const UNKNOWN = "–";

export const count = (value) => (value === null ? UNKNOWN : whole.format(Math.round(value)));

const digits = (share) => (share < 0.01 && share > 0 ? 2 : share < 0.1 ? 1 : 0);

export function percent(share) {
  return share === null ? UNKNOWN : `${Number((share * 100).toFixed(digits(share)))} %`;
}

/** Rounded up: what is written promises no more than what was proven. */
export function percentAtMost(share) {
  const scale = 10 ** digits(share);
  return `${Math.ceil(share * 100 * scale - 1e-9) / scale} %`;
}

/** A share for which a tenth of a per cent matters. */
export const precise = (share) => `${(share * 100).toFixed(1)} %`;

export function rate(value) {
  if (value === null) return "";
  return `${value < 10 ? Number(value.toFixed(1)) : count(value)} records a second`;
}

export function clock(seconds) {
  const at = new Date(seconds * 1000);
  const today = new Date().toDateString() === at.toDateString();
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return today ? time : `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${time}`;
}

export function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 3600)} hours`;
}
