"""Counts what was decided, per partition of `records`: the scorer's part of the evidence."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from winnow.core.batch_decision import BatchDecision, Positions
from winnow.core.voting import PoolWeights
from winnow_schemas.base import Look, Reason
from winnow_schemas.decisions import Decision
from winnow_schemas.evidence import Counts, LabelCounts, Pooling

_COUNTED_AS: Mapping[Look, str] = {
    "none": "unseen",
    "ledger": "ledger_audits",
    "extra": "extra_audits",
    "review": "reviews",
}


_NOTHING: Mapping[int, str] = MappingProxyType({})


@dataclass
class _Partition:
    """From `first` up to `end` everything is counted."""

    first: int
    end: int
    said_at: float = float("-inf")
    labels: dict[str, Counter[str]] = field(default_factory=dict)
    no_model: int = 0
    unlabelled: int = 0
    dead: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    resumed: str | None = None

    def count(self, label: str | None, look: Look, reason: Reason, many: int) -> None:
        """So many decisions of one kind."""
        self.reasons[reason] += many
        if reason == "budget":
            self.unlabelled += many
        elif label is None:
            self.no_model += many
        else:
            self.labels.setdefault(label, Counter())[_COUNTED_AS[look]] += many


class DecidedBy(NamedTuple):
    """The policy and the model that all of it was decided by; the model decides since the version `model_since`."""

    policy_version: int
    model_version: int
    model_since: int


class Tally:
    """Says the counts since it was last asked; an idle partition is said empty every `heartbeat_s`.

    The offsets of a partition's counts follow each other without a gap; within a batch they may be
    told in any order.
    """

    def __init__(self, stream: str, heartbeat_s: float) -> None:
        self._stream = stream
        self._heartbeat_s = heartbeat_s
        self._partitions: dict[int, _Partition] = {}
        self._pooling_said_of: int | None = None

    def start(self, positions: Mapping[int, int], resumed: Mapping[int, str] = _NOTHING) -> None:
        """Forget everything: these are the partitions from now on, each with its next offset.

        `resumed` is what is remembered of their budgets: the first counts of each tell it.
        """
        self._partitions = {
            number: _Partition(offset, offset, resumed=resumed.get(number)) for number, offset in positions.items()
        }
        self._pooling_said_of = None

    def decided(self, partition: int, offset: int, decision: Decision) -> None:
        """One decision."""
        self._reached(partition, offset).count(decision.label, decision.look, decision.reason, 1)

    def decided_batch(self, at: Positions, decision: BatchDecision) -> None:
        """All decisions of a batch."""
        for partition, places in at.by_partition:
            counts = self._reached(partition, int(at.offsets[places].max()))
            for gate, ruling, many in decision.ruled(places):
                counts.count(gate.label, ruling.look, ruling.reason, many)

    def died(self, partition: int, offset: int) -> None:
        """One record that broke its contract."""
        self._reached(partition, offset).dead += 1

    def say(self, by: DecidedBy, now: float, pooling: PoolWeights | None = None) -> list[Counts]:
        """The counts of each partition that has some, or whose heartbeat is due; counting starts anew.

        `pooling` is that of the model, where it is a committee: the first counts of each version tell it.
        """
        said = []
        for number, counts in self._partitions.items():
            if counts.end > counts.first or now - counts.said_at >= self._heartbeat_s:
                told = self._counts(number, counts, by, now)
                said.append(self._with_pooling(told, pooling))
                self._partitions[number] = _Partition(counts.end, counts.end, said_at=now)
        return said

    def _with_pooling(self, counts: Counts, pooling: PoolWeights | None) -> Counts:
        if pooling is None or counts.model_version == self._pooling_said_of:
            return counts
        self._pooling_said_of = counts.model_version
        told = Pooling(members=dict(pooling.members), labels=dict(pooling.labels))
        return counts.model_copy(update={"pooling": told})

    def _reached(self, partition: int, offset: int) -> _Partition:
        counts = self._partitions.setdefault(partition, _Partition(offset, offset))
        counts.end = max(counts.end, offset + 1)
        return counts

    def _counts(self, number: int, counts: _Partition, by: DecidedBy, now: float) -> Counts:
        return Counts(
            stream=self._stream,
            partition=number,
            first=counts.first,
            end=counts.end,
            policy_version=by.policy_version,
            model_version=by.model_version,
            model_since=by.model_since,
            labels={label: LabelCounts(**by_look) for label, by_look in counts.labels.items()},
            no_model=counts.no_model,
            unlabelled=counts.unlabelled,
            dead=counts.dead,
            reasons=dict(counts.reasons),
            resumed=counts.resumed,
            at=datetime.fromtimestamp(now, UTC),
        )
