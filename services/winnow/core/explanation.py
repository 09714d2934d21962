"""What spoke for a label: how much less likely the model finds it when one word or one feature is taken away.

That asks nothing of how the model is built, so it holds for all of them alike. What it says of one word is with all
the others in place; two words that say the same each hide what the other is worth.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from winnow.core.batch_scores import BatchScores, Floats
from winnow.core.tokens import tokens
from winnow_schemas.records import Record

MOST_PARTS = 300
"""Words and features tried, each: the first ones."""
MOST_TOLD = 8
LEAST_WEIGHT = 0.05
_NEAREST = 1e-6

Score = Callable[[Sequence[Record]], BatchScores]


class Spoke(NamedTuple):
    """A word or a feature, and by how much it moves the log-odds of the label."""

    kind: str
    name: str
    weight: float


def spoken_for(record: Record, label: str, score: Score) -> list[Spoke]:
    """What moves the model most, the strongest first; nothing where the model does not say this label."""
    parts, variants = _variants(record)
    if not parts:
        return []
    said = score([record, *variants])
    if not said.are_scores[:1].any() or said.labels[int(np.argmax(said.table[0]))] != label:
        return []
    odds = _log_odds(said.table[:, said.labels.index(label)])
    weights = np.where(said.are_scores[1:], odds[0] - odds[1:], 0.0)
    strongest = np.argsort(-np.abs(weights), kind="stable")[:MOST_TOLD]
    told = [(*parts[at], round(float(weights[at]), 3)) for at in strongest if abs(weights[at]) >= LEAST_WEIGHT]
    return [Spoke(kind, name, weight) for kind, name, weight in told]


def _variants(record: Record) -> tuple[list[tuple[str, str]], list[Record]]:
    """Names of all parts, and for each the record without it."""
    words, features = tokens(record.get("text") or ""), record.get("features") or {}
    distinct, names = list(dict.fromkeys(words))[:MOST_PARTS], list(features)[:MOST_PARTS]
    parts = [*(("word", word) for word in distinct), *(("feature", name) for name in names)]
    variants = [_with_text(record, [each for each in words if each != word]) for word in distinct]
    return parts, variants + [_without_feature(record, name) for name in names]


def _with_text(record: Record, words: Sequence[str]) -> Record:
    changed = record.copy()
    changed["text"] = " ".join(words)
    return changed


def _without_feature(record: Record, name: str) -> Record:
    changed = record.copy()
    changed["features"] = {each: value for each, value in record["features"].items() if each != name}
    return changed


def _log_odds(probabilities: Floats) -> Floats:
    inside = np.clip(probabilities, _NEAREST, 1 - _NEAREST)
    return np.asarray(np.log(inside) - np.log1p(-inside))
