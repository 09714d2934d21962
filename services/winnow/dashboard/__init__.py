"""A live page of how the labelling goes, fed by the `metrics` topic alone."""
