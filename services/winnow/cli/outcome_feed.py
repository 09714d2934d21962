"""What becomes of records, read from the topics as it happens."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

from winnow.cli.decision_ids import parse_decision_id
from winnow.cli.open_records import Position
from winnow.cli.topic_reader import TopicReader
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow_schemas.codec import decode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.labels import Label
from winnow_schemas.unlabelled import Unlabelled


@dataclass(frozen=True, slots=True)
class Ended:
    """A record came out: labelled by machine or people, withdrawn, left, or dead."""

    position: Position
    kind: Literal["auto", "human", "recall", "unlabelled", "dead_letter"]
    record_id: str | None = None
    label: str | None = None
    policy_version: int | None = None


class OutcomeFeed:
    """Outcomes written from now on, of all records."""

    def __init__(self, settings: Settings) -> None:
        topics = settings.topics
        self._labels, self._unlabelled, self._dead = topics["labels"], topics["unlabelled"], topics["dead-letters"]
        self._records = topics["records"]
        self._reader = TopicReader(settings, (self._labels, self._unlabelled, self._dead), "now")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.__exit__()

    def poll(self, timeout_s: float) -> list[Ended]:
        """Outcomes seen within the time."""
        return [ended for message in self._reader.poll(timeout_s) for ended in self._ended(message)]

    def _ended(self, message: Incoming) -> Iterator[Ended]:
        if message.value is None:
            return
        if message.topic == self._dead:
            source = decode(DeadLetter, message.value).source
            if source.topic == self._records:
                yield Ended((source.partition, source.offset), "dead_letter")
        elif message.topic == self._labels:
            label = decode(Label, message.value)
            yield from _at(label.decision_id, label.source, label.record_id, label)
        else:
            left = decode(Unlabelled, message.value)
            yield from _at(left.decision_id, "unlabelled", left.record_id)


def _at(
    decision_id: str,
    kind: Literal["auto", "human", "recall", "unlabelled"],
    record_id: str,
    label: Label | None = None,
) -> Iterator[Ended]:
    parsed = parse_decision_id(decision_id)
    if parsed:
        position = parsed.partition, parsed.offset
        if label is None:
            yield Ended(position, kind, record_id)
        else:
            yield Ended(position, kind, record_id, label.label, label.policy_version)
