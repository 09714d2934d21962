"""Verdicts that mark records as gold: their labels are known to be right, and people are checked by them.

A line names a record that has a verdict, by its id, or brings a whole record. What the machine had said of it, and who
had answered, is taken over from its newest verdict: nobody is asked about what they answered before.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from typing_extensions import TypedDict

from winnow.cli.record_lines import BadLine, RecordLine, parse_line
from winnow.review.gold_set import gold_name, is_mark
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.records import Record
from winnow_schemas.verdicts import Verdict, verdict_key


class _RecordHead(TypedDict, total=False):
    id: str


class _VerdictHead(TypedDict):
    request_id: str
    label: str
    record: _RecordHead


@dataclass(frozen=True, slots=True)
class GoldLine:
    """What one line asks for; without a `record` the verdict's, without a `label` too."""

    number: int
    record_id: str
    label: str | None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """A record that is gold."""

    record_id: str
    label: str


@dataclass(slots=True)
class VerdictsKnown:
    """What `verdicts` holds about some records: the newest verdict of each, and all that is gold by its name."""

    wanted: frozenset[str]
    newest: dict[str, Verdict] = field(default_factory=dict)
    gold: dict[str, Marked] = field(default_factory=dict)

    def take(self, message: Incoming) -> None:
        """One message, in the order of the topic."""
        if message.value is None:
            self.gold.pop((message.key or b"").decode(errors="replace").rpartition("@")[0], None)
            return
        try:
            head = decode(_VerdictHead, message.value)
            record_id = head["record"].get("id", "")
            if is_mark(head["request_id"]):
                self.gold[head["request_id"]] = Marked(record_id, head["label"])
            elif record_id in self.wanted:
                self.newest[record_id] = decode(Verdict, message.value)
        except InvalidMessage:
            return

    def is_known(self, line: GoldLine) -> bool:
        """Whether the record is gold with this label already."""
        known = self.gold.get(gold_name(line.record_id))
        return known is not None and line.label in (None, known.label)


def gold_lines(lines: Iterable[tuple[int, bytes]]) -> Iterator[GoldLine | BadLine]:
    """Lines of a file: a record with its `label`, or an `id` and a `label` alone."""
    for number, line in lines:
        yield _by_id(number, line) or _whole(parse_line(number, line))


def mark_of(line: GoldLine, known: VerdictsKnown, operator: str, now: datetime) -> Verdict | BadLine:
    """The verdict that marks the record, or why there can be none."""
    before = known.newest.get(line.record_id)
    record = line.record or (before.record if before else None)
    label = line.label or (before.label if before else None)
    if record is None or label is None:
        return BadLine(line.number, f"{line.record_id}: it has no verdict; give the whole record and its label")
    known_to = before.answers if before else {}
    return Verdict(
        request_id=gold_name(line.record_id),
        revision=1,
        record=record,
        label=label,
        reason="gold",
        propensity=1.0,
        decision=before.decision if before else None,
        answers={**known_to, operator: label},
        agreement=1.0,
        answered_at=now,
        at=now,
    )


def mark_key(record_id: str) -> bytes:
    """Kafka key of the mark: a tombstone under it takes the record out of the gold."""
    return verdict_key(gold_name(record_id), 1)


def _by_id(number: int, line: bytes) -> GoldLine | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or {"id", "label"} != set(found):
        return None
    record_id, label = found["id"], found["label"]
    return GoldLine(number, record_id, label) if isinstance(record_id, str) and isinstance(label, str) else None


def _whole(line: RecordLine | BadLine) -> GoldLine | BadLine:
    if isinstance(line, BadLine):
        return line
    if line.record_id is None:
        return BadLine(line.number, "id: it is missing")
    if line.label is None:
        return BadLine(line.number, "label: it is missing")
    return GoldLine(line.number, line.record_id, line.label, line.record)
