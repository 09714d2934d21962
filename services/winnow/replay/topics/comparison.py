"""Whether what was recorded and what comes out again are the same, field by field."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

TOLERANCE = 1e-12
"""Numbers this close are equal; those that are the same to the last bit are counted beside."""


class Deviation(NamedTuple):
    """One field on both sides."""

    field: str
    recorded: Any
    recomputed: Any


class Comparison(NamedTuple):
    """`exact`: all fields are the same to the last bit."""

    deviations: tuple[Deviation, ...]
    exact: bool


def compare(recorded: Mapping[str, Any], recomputed: Mapping[str, Any]) -> Comparison:
    """Each field of `recorded` against the one of that name. The scores recorded may be the best few only."""
    deviations = []
    exact = True
    for name, told in recorded.items():
        found = _best(recomputed.get(name), told) if name == "scores" else recomputed.get(name)
        if told == found:
            continue
        exact = False
        if not is_close(told, found):
            deviations.append(Deviation(name, told, found))
    return Comparison(tuple(deviations), exact)


def is_close(one: Any, other: Any) -> bool:
    """Equal, or numbers (of mappings and lists: at the same places) not further apart than the tolerance."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_close(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_close, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=0.0, abs_tol=TOLERANCE)
    return bool(one == other)


def _best(scores: Mapping[str, float] | None, told: Mapping[str, float] | None) -> Mapping[str, float] | None:
    """As many of the best scores as were told, two at least; labels of equal scores in the order of the model."""
    if scores is None or told is None or len(told) < min(2, len(scores)):
        return scores
    best = sorted(scores, key=scores.__getitem__, reverse=True)[: len(told)]
    return {label: scores[label] for label in best}
