"""`decision.decide` over arrays: which row of the table applies to each record of a batch.

The same gates and the same comparisons, for many records at once. What a decision says beyond its row
(`BatchDecision.gates`) is said once per label and row, not once per record.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.core.batch_scores import BatchScores, Floats, ScoredBatch
from winnow.core.confidence import confidences
from winnow.core.decision import ROWS_BELOW, Gate, Row, Ruling, gate_of
from winnow.core.risk.coin import Purpose, coins, extra_share
from winnow_schemas.base import NO_POLICY
from winnow_schemas.policies import Policy
from winnow_schemas.task import ConfidenceKind

Integers = npt.NDArray[np.int64]


_ALL = slice(None)


class Positions(NamedTuple):
    """Where the records of a batch stand in `records`, one partition and one offset each."""

    partitions: Integers
    offsets: Integers

    def some(self, places: Integers) -> "Positions":
        """Those at some places."""
        return Positions(self.partitions[places], self.offsets[places])

    @property
    def by_partition(self) -> list[tuple[int, Integers | slice]]:
        """Each partition, and the places of its records."""
        if not self.partitions.size:
            return []
        first = int(self.partitions[0])
        if (self.partitions == first).all():
            return [(first, slice(None))]
        return [(number, np.flatnonzero(self.partitions == number)) for number in set(self.partitions.tolist())]


class BatchCoins:
    """The coins of a batch's decisions, tossed when they are asked for."""

    def __init__(self, salt: str, stream: str, at: Positions) -> None:
        self._salt = salt
        self._stream = stream
        self._at = at

    def tossed(self, purpose: Purpose, places: Integers | None = None) -> Floats:
        """The tosses of all records, or of those at some places."""
        at = self._at if places is None else self._at.some(places)
        tosses = np.empty(len(at.offsets))
        for partition, here in at.by_partition:
            tosses[here] = coins(self._salt, self._stream, partition, at.offsets[here], purpose)
        return tosses


class BatchDecision(NamedTuple):
    """A decision per record: `gates[tops[i]]` governs record i and `rows[i]` is the row that applies there.

    There is a gate per label of `scores`, and a last one for records without a score: of these
    `top_probabilities` and `confidences` are NaN. Under a budget `chances` are those of being asked about below the
    threshold, and `worths` say what an answer would teach, NaN where nobody asked; without one they are None.
    """

    scores: BatchScores
    gates: tuple[Gate, ...]
    tops: Integers
    rows: Integers
    top_probabilities: Floats
    confidences: Floats
    model_version: int
    policy_version: int
    chances: Floats | None = None
    worths: Floats | None = None

    def ruled(self, places: Integers | slice = _ALL) -> list[tuple[Gate, Ruling, int]]:
        """How many of all records, or of those at some places, were decided by which gate and how."""
        counts = np.bincount(self.codes[places])
        found = np.flatnonzero(counts)
        return [
            (*self.of_code(code), count) for code, count in zip(found.tolist(), counts[found].tolist(), strict=True)
        ]

    @property
    def codes(self) -> Integers:
        """One number per record for its gate and its row together."""
        return self.tops * len(Row) + self.rows

    def of_code(self, code: int) -> tuple[Gate, Ruling]:
        """The gate of such a number, and what it says."""
        top, row = divmod(code, len(Row))
        return self.gates[top], self.gates[top].ruling(Row(row))

    def propensities(self, places: Integers) -> Floats:
        """Of some records of a batch under a budget: what `Gate.ruling` says with the chance of each."""
        assert self.chances is not None
        chances, tops = self.chances[places], self.tops[places]
        rates = np.array([gate.rule.audit_rate if gate.rule else 0.0 for gate in self.gates])[tops]
        open_share = self.gates[-1].open_share
        above = np.where(chances > 0.0, (1.0 - open_share) * chances + open_share * rates, 0.0)
        propensities: Floats = np.where(np.isin(self.rows[places], ROWS_BELOW), chances, above)
        return propensities


def decide_batch(
    scored: ScoredBatch, coins: BatchCoins, policy: Policy | None, kind: ConfidenceKind, now: float
) -> BatchDecision:
    """The decisions made `now` (seconds since the epoch) about records in the order of their scores."""
    model_version, scores = scored
    gates = tuple(gate_of(policy, model_version, label, now) for label in (*scores.labels, None))
    tops, highest, confident = _looked_at(scores, kind)
    return BatchDecision(
        scores=scores,
        gates=gates,
        tops=tops,
        rows=_rows(gates, tops, highest, coins),
        top_probabilities=highest,
        confidences=confident,
        model_version=model_version,
        policy_version=policy.version if policy else NO_POLICY,
    )


def _looked_at(scores: BatchScores, kind: ConfidenceKind) -> tuple[Integers, Floats, Floats]:
    """The most probable label, among equals the first; its probability, and how clear it is."""
    records, labels = scores.table.shape
    scored = scores.are_scores
    if not scored.any():
        nothing = np.full(records, np.nan)
        return np.full(records, labels), nothing, nothing
    with np.errstate(all="ignore"):
        tops, highest, confident = (
            scores.table.argmax(axis=1),
            scores.table.max(axis=1),
            confidences(kind, scores.table),
        )
    if not scored.all():
        tops[~scored] = labels
        highest[~scored] = confident[~scored] = np.nan
    return tops, highest, confident


def _rows(gates: Sequence[Gate], tops: Integers, highest: Floats, coins: BatchCoins) -> Integers:
    thresholds = np.array([np.inf if gate.threshold is None else gate.threshold for gate in gates])
    shut = np.array([gate.shut is not None for gate in gates])
    rows = np.where(shut[tops], Row.SHUT, Row.UNSURE)
    above = np.flatnonzero((highest > thresholds[tops]) & ~shut[tops])
    if above.size:
        rows[above] = _rows_above(gates, tops[above], coins, above)
    return rows


def _rows_above(gates: Sequence[Gate], tops: Integers, coins: BatchCoins, places: Integers) -> Integers:
    """Above the threshold people see the share that is closed, and of the open one the audits."""
    extra, audited = np.zeros(len(gates)), np.zeros(len(gates))
    for top, gate in enumerate(gates):
        if gate.rule is not None:
            audited[top] = gate.rule.audit_rate
            extra[top] = extra_share(gate.rule.audit_rate, gate.rule.ledger_rate)
    tosses = coins.tossed("", places)
    rows = np.where(tosses < extra[tops], Row.EXTRA, np.where(tosses < audited[tops], Row.LEDGER, Row.UNSEEN))
    open_share = gates[-1].open_share
    if open_share < 1.0:
        rows[coins.tossed("budget", places) >= open_share] = Row.CLOSED
    return rows
