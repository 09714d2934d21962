"""What a record costs the scorer, by stage: the arithmetic of docs/scaling.md, which `make bench-scale` checks.

Constants are µs of one core of the machine on which a record passes through a transaction in
`REFERENCE_PASS_THROUGH_US`; elsewhere multiply by what the pass-through costs there over that. They were fitted to
`benchmarks/results/scale.json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10
from typing import Self

from benchmarks.speed.deployment import AUDIT_RATE
from benchmarks.speed.rows import Row
from benchmarks.speed.stage import SURE_SHARE
from benchmarks.speed.streams import COMMON_WORDS, TELLING_WORDS, records

REFERENCE_PASS_THROUGH_US = 2.6
_SMALL_VOCABULARY = 2_000

_HANDLE_US = 5.9
_BYTE_US = 0.012
_NUMBER_US = 0.1
_WORD_US = 0.025
_WORD_DECADE_US = 0.04
_LABEL_US = 0.21
_REQUEST_US = 8.0
_REQUEST_BYTE_US = 0.01

_SCORE_US: Mapping[str, tuple[float, float]] = {
    "logistic": (0.5, 0.0),
    "softmax": (0.5, 0.001),
    "gaussian_naive_bayes": (0.5, 0.012),
    "hoeffding_tree": (1.5, 0.0),
    "forest": (2.5, 0.0),
    "text_naive_bayes": (1.0, 0.0),
}
"""By model: µs a record, and µs for each of its inputs and labels."""


@dataclass(frozen=True)
class Workload:
    """What the cost depends on: a record's bytes, numbers or words, all words, labels, and the share people see."""

    model: str
    record_bytes: int
    numbers: int
    words: int
    vocabulary: int
    labels: int
    reviewed: float

    @classmethod
    def of(cls, row: Row) -> Self:
        """Of a row of the benchmarks."""
        _, value = next(records(row.shape, 1))
        return cls(
            model=row.river,
            record_bytes=len(value),
            numbers=row.shape.features,
            words=COMMON_WORDS + TELLING_WORDS if row.shape.vocabulary else 0,
            vocabulary=row.shape.vocabulary,
            labels=row.shape.labels,
            reviewed=1.0 - SURE_SHARE * (1.0 - AUDIT_RATE),
        )


@dataclass(frozen=True)
class Cost:
    """µs of a core a record, by stage."""

    transport: float
    parse: float
    vectorise: float
    score: float
    decide_and_write: float
    requests: float

    @property
    def total(self) -> float:
        """Of all stages."""
        return float(sum(vars(self).values()))


def cost(work: Workload) -> Cost:
    """Of one record, exactly once, contracts, coins and evidence included."""
    fixed, per_cell = _SCORE_US[work.model]
    decades = log10(max(work.vocabulary / _SMALL_VOCABULARY, 1.0))
    return Cost(
        transport=REFERENCE_PASS_THROUGH_US,
        parse=_BYTE_US * work.record_bytes,
        vectorise=_NUMBER_US * work.numbers + work.words * (_WORD_US + _WORD_DECADE_US * decades),
        score=fixed + per_cell * work.numbers * work.labels,
        decide_and_write=_HANDLE_US + _LABEL_US * work.labels,
        requests=work.reviewed * (_REQUEST_US + _REQUEST_BYTE_US * work.record_bytes),
    )
