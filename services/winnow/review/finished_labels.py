"""Finished labels, found in Kafka when somebody asks: no index, no memory, no work while nobody does.

Search looks backwards from the newest label, a bounded piece at a time, and says how far it came, so that it can be
continued. One record's labels lie in one partition, which is read backwards until they turn up.
`TransientError` when the broker does not answer in time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from winnow.review.newest_decision import DecisionMade
from winnow.review.request_ids import record_position
from winnow.review.topic_reader import TopicReader, new_consumer, watermarks
from winnow.runtime.messages import Headers, Incoming
from winnow.runtime.partitioning import partition_of
from winnow.runtime.settings import Settings
from winnow_schemas.codec import InvalidMessage, decode, decode_record
from winnow_schemas.labels import Label
from winnow_schemas.records import Record
from winnow_schemas.topics import TopicName
from winnow_schemas.verdicts import Verdict

PIECE = 2_000
"""Offsets of one partition that one look covers."""
ONE_RECORD_AT_MOST = 500_000
"""So far back one record's label is looked for."""
VERDICT_BEFORE, VERDICT_AFTER = timedelta(seconds=5), timedelta(seconds=60)
"""A label and its verdict are written in one transaction."""


@dataclass(frozen=True, slots=True)
class FoundLabel:
    """A label and where it stands; `headers` are the record's."""

    label: Label
    partition: int
    offset: int
    headers: Headers = ()

    @property
    def decision(self) -> DecisionMade:
        """The decision it is of."""
        return DecisionMade(self.label.decision_id, self.label.decided_at)

    def is_newer_than(self, other: "FoundLabel") -> bool:
        """Whether this one counts when both are of the same record."""
        if self.label.decision_id == other.label.decision_id:
            return self.label.revision > other.label.revision
        return self.decision.is_newer_than(other.decision)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which labels are wanted: `text` stands within the record id; None: any."""

    text: str = ""
    label: str | None = None
    source: str | None = None

    def fits(self, found: FoundLabel) -> bool:
        """Whether this is one of them."""
        label = found.label
        fits_label = self.label is None or label.label == self.label
        return self.text in label.record_id and fits_label and self.source in (None, label.source)


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `before` are the offsets at which to go on, None when the beginning was reached."""

    found: Sequence[FoundLabel]
    looked_at: int
    oldest_at: datetime | None
    before: tuple[int, ...] | None


class FinishedLabels:
    """What one thread at a time may look up; others wait."""

    def __init__(self, settings: Settings) -> None:
        self._topics = settings.topics
        self._partitions = settings.partitions
        self._labels = TopicReader(settings, "labels", fetch_bytes=1024 * 1024)
        self._verdicts = TopicReader(settings, "verdicts", fetch_bytes=256 * 1024)
        self._records = TopicReader(settings, "records", fetch_bytes=64 * 1024)
        config = settings.consumer_config(f"{settings.prefix}.review.ends")
        self._ends = new_consumer(config | {"isolation.level": "read_uncommitted"})

    def close(self) -> None:
        """Give the connections back."""
        for reader in (self._labels, self._verdicts, self._records):
            reader.close()
        self._ends.close()

    def at(self, partition: int, offset: int) -> FoundLabel | None:
        """The label at that place; None when it is not there (any more)."""
        message = self._labels.one(partition, offset)
        return None if message is None else _found(message)

    def newest_of(self, record_id: str) -> FoundLabel | None:
        """The label of a record that counts, if it is among the newest of its partition."""
        key = record_id.encode()
        partition = partition_of(key, self._partitions)
        end = self._end("labels", partition)
        for messages in self._backwards(partition, end):
            found = [_found(message) for message in messages if message.key == key]
            if labels := [each for each in found if each is not None]:
                return _newest(labels)
        return None

    def search(self, sought: Sought, at_most: int, before: Sequence[int] | None) -> Page:
        """Labels of the newest piece of every partition, or of the piece before; of each record the newest."""
        ends = [self._end("labels", number) for number in range(self._partitions)]
        ends = [min(end, given) for end, given in zip(ends, before, strict=True)] if before else ends
        newest: dict[str, FoundLabel] = {}
        looked_at, times = 0, []
        for number, end in enumerate(ends):
            for message in self._piece(number, max(0, end - PIECE), end if before else None):
                looked_at += 1
                times.append(message.timestamp)
                found = _found(message)
                if found is not None and _counts(found, newest.get(found.label.record_id)):
                    newest[found.label.record_id] = found
        fitting = sorted((each for each in newest.values() if sought.fits(each)), key=_written_at, reverse=True)
        rest = tuple(max(0, end - PIECE) for end in ends)
        oldest = datetime.fromtimestamp(min(times), UTC) if times else None
        return Page(fitting[:at_most], looked_at, oldest, rest if any(rest) else None)

    def marked(self, offset: int) -> Verdict | None:
        """The verdict at that offset, which marks its record as gold; None when it was erased."""
        message = self._verdicts.one(0, offset)
        try:
            return None if message is None or message.value is None else decode(Verdict, message.value)
        except InvalidMessage:
            return None

    def verdict_of(self, label: Label) -> Verdict | None:
        """The verdict behind a label that people gave; None when it was erased."""
        start = self._verdicts.start_at(0, (label.at - VERDICT_BEFORE).timestamp())
        until = (label.at + VERDICT_AFTER).timestamp()
        for message in self._verdicts.onward(0, start):
            if message.timestamp > until:
                return None
            verdict = _verdict(message, label)
            if verdict is not None:
                return verdict
        return None

    def record_of(self, label: Label) -> Record | None:
        """The record behind a label; None when Kafka no longer has it."""
        position = record_position(label.decision_id)
        if position is None or position.partition >= self._partitions:
            return None
        message = self._records.one(position.partition, position.offset)
        return record_behind(message, label.record_id)

    def _end(self, topic: TopicName, partition: int) -> int:
        """Near the end: the embedded broker tells where its last batch begins, so what follows is read as well."""
        return watermarks(self._ends, self._topics[topic], partition)[1]

    def _piece(self, partition: int, start: int, end: int | None) -> Iterator[Incoming]:
        if end is None:
            return islice(self._labels.onward(partition, start), 2 * PIECE)  # more may come while it is read
        return self._labels.between(partition, start, end)

    def _backwards(self, partition: int, end: int) -> Iterator[list[Incoming]]:
        least, start = max(0, end - ONE_RECORD_AT_MOST), max(0, end - 10 * PIECE)
        yield list(islice(self._labels.onward(partition, start), 20 * PIECE))
        while (end := start) > least:
            start = max(least, end - 10 * PIECE)
            yield list(self._labels.between(partition, start, end))


def _counts(found: FoundLabel, known: FoundLabel | None) -> bool:
    return known is None or found.is_newer_than(known)


def _newest(labels: Sequence[FoundLabel]) -> FoundLabel:
    newest = labels[0]
    for each in labels[1:]:
        if each.is_newer_than(newest):
            newest = each
    return newest


def _written_at(found: FoundLabel) -> datetime:
    return found.label.at


def _found(message: Incoming) -> FoundLabel | None:
    try:
        label = decode(Label, message.value)  # type: ignore[arg-type]
    except InvalidMessage:
        return None
    return FoundLabel(label, message.partition, message.offset, message.headers)


def _verdict(message: Incoming, label: Label) -> Verdict | None:
    if message.value is None or label.decision_id.encode() not in message.value:
        return None
    try:
        verdict = decode(Verdict, message.value)
    except InvalidMessage:
        return None
    decision_id = verdict.decision.decision_id if verdict.decision else verdict.request_id
    return verdict if decision_id == label.decision_id and verdict.at == label.at else None


def record_behind(message: Incoming | None, record_id: str) -> Record | None:
    """The record, if it is the one that was labelled: a topic that was made anew holds others."""
    if message is None:
        return None
    try:
        record = decode_record(message.value)  # type: ignore[arg-type]
    except InvalidMessage:
        return None
    record.setdefault("id", f"{message.topic}/{message.partition}/{message.offset}")
    return record if record["id"] == record_id else None
