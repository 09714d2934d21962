// Which key does what. A label's key stays the same as long as the task's labels do.

export const MANY_LABELS = 27;

const DIGITS = "123456789";
const LETTERS = "cdefghilmopqrtvwyz";

// Digits first, then the letters that no command has; the rest is found by searching.
export const LABEL_KEYS = [...DIGITS, ...LETTERS].slice(0, MANY_LABELS);
export const LIKELY_KEYS = [...DIGITS];

export const COMMANDS = [
  ["Enter", "accept the suggestion"],
  ["1 … 9, letters", "pick the label that shows this key"],
  ["X", "✗ the suggestion is wrong"],
  ["/", "search a label"],
  ["+", "add a label (where the task allows it)"],
  ["S", "skip: leave it to others"],
  ["B", "put it back in line"],
  ["U", "undo, again and again"],
  ["J, K or ↓, ↑", "another line of a document"],
  ["A", "accept all suggestions left in a document"],
  ["N", "add a line that a document lacks"],
  ["?", "show these keys"],
];
