"""Labels, records and certificates in memory: one partition number, as a recall reads them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.review.review_messages import NOON, NOON_S

from winnow.review.ports import LabelsRead
from winnow.runtime.messages import Headers, Incoming
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import encode
from winnow_schemas.labels import Label
from winnow_schemas.topics import Topics

TOPICS = Topics("t")


def auto_label(number: int, version: int, **changes: Any) -> Label:
    """The machine's label of record NUMBER, decided under a policy version."""
    fields = {
        "record_id": f"record-{number}",
        "label": "ham",
        "source": "auto",
        "revision": 1,
        "confidence": 0.9,
        "scores": {"ham": 0.95, "spam": 0.05},
        "propensity": 0.08,
        "threshold": 0.9,
        "decision_id": f"streamid/0/{number}",
        "model_version": 7,
        "policy_version": version,
        "epoch": 1,
        "decided_at": NOON,
        "at": NOON,
    }
    return Label(**(fields | changes))


def certificate(version: int, *withdrawn: tuple[int, int]) -> Certificate:
    """A certificate that withdraws these ranges."""
    return Certificate(
        version=version,
        epoch=1,
        released=version,
        withdrawn=list(withdrawn),
        labels=0,
        wrong_at_most=0.0,
        target=0.05,
        met=False,
        confidence=0.95,
        state="suspended",
        at=NOON,
    )


class LabelTopics:
    """What stands in the topics; from `first_open` on labels wait for a transaction that is still open."""

    def __init__(self) -> None:
        self.labels: list[Incoming] = []
        self.records: dict[int, Incoming] = {}
        self.certificates: list[Incoming] = []
        self.first_open: int | None = None

    def record(self, number: int, **changes: Any) -> None:
        """Record NUMBER stands at offset NUMBER."""
        value = f'{{"id":"{changes.get("record_id", f"record-{number}")}","text":"text of record {number}"}}'
        self.records[number] = Incoming(TOPICS["records"], 0, number, None, value.encode(), NOON_S)

    def label(self, label: Label | None, key: str, headers: Headers = ()) -> None:
        """Somebody writes a label, or a tombstone."""
        value = None if label is None else encode(label)
        self.labels.append(Incoming(TOPICS["labels"], 0, len(self.labels), key.encode(), value, NOON_S, headers))

    def auto(self, number: int, version: int, **changes: Any) -> None:
        """A record comes and is labelled by the machine."""
        label = auto_label(number, version, **changes)
        self.record(number, record_id=label.record_id)
        self.label(label, label.record_id)

    def withdraw(self, version: int, *withdrawn: tuple[int, int]) -> None:
        """The monitor says so."""
        value = encode(certificate(version, *withdrawn))
        self.certificates.append(Incoming(TOPICS["certificates"], 0, len(self.certificates), b"", value, NOON_S))


class LabelsOfWorker:
    """What one process reads of them (`ports.LabelLog`)."""

    def __init__(self, topics: LabelTopics) -> None:
        self._topics = topics
        self._certificates_read = 0
        self.positions: dict[int, int] = {}
        self.taken = 0

    def certificates(self) -> Sequence[Incoming]:
        read, self._certificates_read = self._certificates_read, len(self._topics.certificates)
        return self._topics.certificates[read:]

    def end(self, _partition: int) -> int:
        return len(self._topics.labels)

    def start_of(self, version: int, _partition: int) -> int:
        """As tight as it may be."""
        return next((at for at, each in enumerate(self._topics.labels) if _version(each) >= version), self.end(0))

    def follow(self, positions: Mapping[int, int]) -> None:
        self.positions = dict(positions)

    def take(self, at_most: int) -> LabelsRead:
        if 0 not in self.positions:
            return LabelsRead([], {}, True)
        end = len(self._topics.labels) if self._topics.first_open is None else self._topics.first_open
        read = self._topics.labels[self.positions[0] : end][:at_most]
        self.positions[0] += len(read)
        self.taken += len(read)
        ends = {0: end} if self.positions[0] == end else {}
        return LabelsRead(read, ends, len(read) < at_most)

    def records(self, _partition: int, offsets: Iterable[int]) -> dict[int, Incoming | None]:
        """Three at a time."""
        return {offset: self._topics.records.get(offset) for offset in sorted(offsets)[:3]}


def _version(message: Incoming) -> int:
    found = re.search(rb'"policy_version":(\d+)', message.value or b"")
    return int(found[1]) if found else -1
