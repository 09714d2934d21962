"""Does the last part of a file look like the first? What was learned from old records may hold no more.

Numbers are compared by the largest distance of their distributions (Kolmogorov-Smirnov), everything else
by half the sum of the differences of shares (total variation); both are in 0..1. A difference is told
when it is large and cannot be chance.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from math import log, sqrt
from typing import NamedTuple

import numpy as np

from winnow.core.checks.labelled_record import Finding, LabelledRecord
from winnow.core.tokens import tokens

PART = 0.3
"""The first and the last part of the records, in the order of time."""

LARGE = 0.1
FEWEST = 100
MOST = 10
"""So many inputs are named."""

_CERTAIN = 1.95
"""Quantile of the Kolmogorov-Smirnov distance at about one in a thousand."""


class Distance(NamedTuple):
    """How far apart two parts are in one input, and how far chance alone takes them about once in a thousand times."""

    name: str
    distance: float
    chance: float


def check_drift(records: Sequence[LabelledRecord]) -> list[Finding]:
    """One finding for the labels, and for each input that has changed; the largest change first."""
    size = int(PART * len(records))
    if size < FEWEST:
        return [Finding("drift", "fine", f"fewer than {FEWEST} records in a part: too few to see drift")]
    first, last = records[:size], records[-size:]
    distances = sorted(_distances(first, last), key=lambda one: -one.distance)
    moved = [one for one in distances if one.distance > max(LARGE, one.chance)]
    if not moved:
        return [Finding("drift", "fine", f"the first and the last {PART:.0%} are alike")]
    return [
        Finding("drift", "look", f"{name} differs by {distance:.2f} between first and last part", (), {name: distance})
        for name, distance, _ in moved[:MOST]
    ]


def _distances(first: Sequence[LabelledRecord], last: Sequence[LabelledRecord]) -> Iterator[Distance]:
    yield _of_shares("label", [record.label for record in first], [record.label for record in last])
    for name in sorted({name for record in (*first, *last) for name in record.values}):
        one, other = ([record.values.get(name) for record in part] for part in (first, last))
        if name == "text":
            yield _of_words(one, other)
        elif all(isinstance(value, float | None) for value in (*one, *other)):
            yield _of_numbers(name, one, other)
        else:
            yield _of_shares(name, one, other)


def _of_numbers(name: str, first: Sequence[object], last: Sequence[object]) -> Distance:
    """A missing value is a value too: below all others."""
    low = [np.sort([-np.inf if value is None else float(str(value)) for value in part]) for part in (first, last)]
    at = np.concatenate(low)
    one, other = (np.searchsorted(part, at, side="right") / len(part) for part in low)
    return Distance(name, float(np.abs(one - other).max()), _CERTAIN * sqrt(1 / len(first) + 1 / len(last)))


def _of_shares(name: str, first: Sequence[Hashable], last: Sequence[Hashable]) -> Distance:
    one, other = Counter(first), Counter(last)
    distance = sum(abs(one[value] / len(first) - other[value] / len(last)) for value in one | other) / 2.0
    chance = sqrt(len(one | other)) * sqrt(1 / len(first) + 1 / len(last))
    return Distance(name, distance, chance)


def _of_words(first: Sequence[object], last: Sequence[object]) -> Distance:
    """The word whose share of texts has changed most."""
    one, other = _shares_of_words(first), _shares_of_words(last)
    changes = {word: abs(one.get(word, 0.0) - other.get(word, 0.0)) for word in one | other}
    word, change = max(changes.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0.0))
    chance = sqrt(log(2000.0 * max(1, len(changes))) / 2.0) * sqrt(1 / len(first) + 1 / len(last))
    return Distance(f'text (the word "{word}")', change, chance)


def _shares_of_words(texts: Sequence[object]) -> dict[str, float]:
    counts = Counter(word for text in texts for word in set(tokens(str(text or ""))))
    return {word: count / len(texts) for word, count in counts.items()}
