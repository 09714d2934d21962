// Why people are asked, in a few words. Of blind requests nobody knows it.

export const REASONS = {
  cold: "still learning",
  uncertain: "cannot decide",
  novel: "nothing like it before",
  suspended: "the machine is stopped",
  stale: "no news of the limits",
  disputed: "somebody disputes it",
  recalled: "label withdrawn",
};
