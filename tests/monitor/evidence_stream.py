"""Evidence for tests: written in transactions of which some are aborted, or told by a little world."""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from confluent_kafka import Producer

from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode
from winnow_schemas.evidence import Closed, Counts, LabelCounts

START = datetime(2026, 1, 1, tzinfo=UTC)
LABELS = ("ham", "spam")


def closing(number: int, *, at: datetime = START, version: int = -1, **more: object) -> Closed:
    """The closing of request `number`, by default of an unknown policy version."""
    fields = {
        "request_id": f"abcdefgh/0/{number}",
        "closing": "right",
        "revision": 1,
        "reason": "uncertain",
        "look": "review",
        "predicted": LABELS[number % 2],
        "top_probability": 0.9,
        "propensity": 1.0,
        "policy_version": version,
        "model_version": 1,
        "decided_at": at - timedelta(seconds=5),
        "at": at,
    }
    return Closed.model_validate({**fields, **more})


class EvidenceWriter:
    """Writes evidence as the services do: in transactions."""

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topics["evidence"]
        self._producer = Producer(settings.producer_config(f"{settings.prefix}.evidence") | {"log_level": 0})
        self._producer.init_transactions(30)

    def commit(self, values: Iterable[bytes | None]) -> list[int]:
        """One transaction; the offsets of its messages."""
        offsets = self._write(values)
        self._producer.commit_transaction(30)
        return offsets

    def abort(self, values: Iterable[bytes | None]) -> None:
        """One transaction that lies in the topic and must never be counted."""
        self._write(values)
        self._producer.abort_transaction(30)

    def _write(self, values: Iterable[bytes | None]) -> list[int]:
        offsets: list[int] = []
        self._producer.begin_transaction()
        for value in values:
            self._producer.produce(self._topic, value, on_delivery=lambda _, message: offsets.append(message.offset()))
        assert self._producer.flush(30) == 0
        return offsets


class World:
    """Scorers and reviewers as the monitor sees them: they follow its policy, and it follows their evidence.

    `version` is the policy version that the scorers have.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._at = START
        self._next = [0, 0]
        self._requests = 0

    def second(self, version: int, is_open: Callable[[str], bool]) -> list[bytes]:
        """The evidence of one second."""
        self._at += timedelta(seconds=1)
        evidence = [self._counts(partition, version, is_open) for partition in range(len(self._next))]
        return [encode(each) for group in evidence for each in group]

    def _counts(self, partition: int, version: int, is_open: Callable[[str], bool]) -> list[Counts | Closed]:
        tallies = {label: {"unseen": 0, "ledger_audits": 0, "extra_audits": 0, "reviews": 0} for label in LABELS}
        closed = []
        for _ in range(6):
            label = self._random.choice(LABELS)
            look = self._look() if is_open(label) else "review"
            tallies[label][{"none": "unseen", "ledger": "ledger_audits", "review": "reviews"}[look]] += 1
            if look != "none":
                closed.append(self._closed(label, look, version))
        counts = Counts(
            stream="abcdefgh",
            partition=partition,
            first=self._next[partition],
            end=self._next[partition] + 6,
            policy_version=version,
            model_version=1,
            labels={label: LabelCounts(**tally) for label, tally in tallies.items()},
            at=self._at,
        )
        self._next[partition] += 6
        return [counts, *closed]

    def _look(self) -> str:
        return "ledger" if self._random.random() < 0.16 else "none"

    def _closed(self, label: str, look: str, version: int) -> Closed:
        self._requests += 1
        propensity = 1.0 if look == "review" else 0.16
        probability = self._random.uniform(0.5, 0.999)
        return closing(
            self._requests,
            at=self._at,
            version=version,
            look=look,
            reason="audit" if look == "ledger" else "uncertain",
            predicted=label,
            top_probability=probability,
            propensity=propensity,
            closing="right" if self._random.random() < probability**0.05 else "wrong",
        )
