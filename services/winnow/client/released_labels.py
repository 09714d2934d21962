"""Released only, recalls applied: what a consumer may hold true of one partition of `labels`.

A label of a person counts at once. A label of the machine counts from the moment at which the
certificate covers its policy version; until then it waits. Of one record the newest decision that
does not wait counts, and within it the highest revision; a recall, or a range of versions that the
certificate withdraws, takes the label away.

Pure. Promises: what counts after some messages depends on these messages alone and not on how
labels and certificates were interleaved, and nothing counts that the newest certificate does not
cover. Memory holds what waits, and of the rest the records that changed last.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from winnow_schemas.certificates import Certificate
from winnow_schemas.labels import Label

REMEMBERED = 100_000
Fate = Literal["waits", "counts", "gone"]


@dataclass(frozen=True, slots=True)
class Given:
    """From now on this is the record's label; it replaces the one given before."""

    label: Label


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """From now on the record has no label. Whoever was never given one has nothing to do."""

    record_id: str


Change = Given | Withdrawn
_UNKNOWN = ("", 0)
"""Before a restart, or before the record was forgotten, anything may have been given."""


@dataclass(slots=True)
class _Candidate:
    """The highest revision of one decision; `label` is let go once it was given."""

    decision_id: str
    decided_at: datetime
    revision: int
    source: str
    policy_version: int | None
    offset: int
    label: Label | None


@dataclass(slots=True)
class _Record:
    """Candidates, newest decision first; `given` is the decision and revision that counts, None for none."""

    candidates: list[_Candidate]
    given: tuple[str, int] | None = _UNKNOWN


class ReleasedLabels:
    """Fed with labels in the order of their offsets, and with certificates whenever they come.

    `remembered`: so many records of which nothing waits are kept in mind. Of one that was forgotten
    a withdrawal is heard by its recall alone, which the system writes for every label it withdraws.
    """

    def __init__(self, certificate: Certificate | None = None, remembered: int = REMEMBERED) -> None:
        self._certificate = certificate
        self._remembered = remembered
        self._records: dict[str, _Record] = {}
        self._settled: dict[str, None] = {}
        self._waiting: dict[int, None] = {}
        self._by_version: dict[int, dict[str, str]] = {}

    @property
    def oldest_waiting(self) -> int | None:
        """Offset of the oldest label that waits: where somebody who forgets everything must read again."""
        return next(iter(self._waiting), None)

    def take(self, label: Label, offset: int) -> list[Change]:
        """A message of `labels`."""
        record = self._records.setdefault(label.record_id, _Record([]))
        candidate = _candidate(label, offset)
        if not self._insert(record, candidate):
            return []
        if self._fate(candidate) == "waits":
            self._waiting[offset] = None
        if candidate.source == "auto" and candidate.policy_version is not None:
            self._by_version.setdefault(candidate.policy_version, {})[candidate.decision_id] = label.record_id
        return self._settle(label.record_id)

    def erase(self, record_id: str) -> list[Change]:
        """A tombstone in `labels`: everything about the record is erased."""
        self._forget(record_id)
        return [Withdrawn(record_id)]

    def certify(self, certificate: Certificate) -> list[Change]:
        """A message of `certificates`; one older than the newest changes nothing."""
        before = self._certificate
        if before is not None and certificate.version <= before.version:
            return []
        self._certificate = certificate
        moved = [
            record_id
            for version, decisions in self._by_version.items()
            if _fate_of_version(version, before) != _fate_of_version(version, certificate)
            for record_id in decisions.values()
        ]
        known = (record_id for record_id in dict.fromkeys(moved) if record_id in self._records)
        return [change for record_id in known for change in self._settle(record_id)]

    def _insert(self, record: _Record, candidate: _Candidate) -> bool:
        for place, known in enumerate(record.candidates):
            if known.decision_id == candidate.decision_id:
                if candidate.revision <= known.revision:
                    return False
                self._drop(known)
                record.candidates[place] = candidate
                return True
            if _is_newer(candidate, known):
                record.candidates.insert(place, candidate)
                return True
            if self._fate(known) != "waits":
                return False
        record.candidates.append(candidate)
        return True

    def _settle(self, record_id: str) -> list[Change]:
        """Find what counts of a record, let go of what never can, and say what changed."""
        record = self._records[record_id]
        fates = [self._fate(candidate) for candidate in record.candidates]
        place = next((place for place, fate in enumerate(fates) if fate != "waits"), None)
        self._remember(record_id, settled=place == 0)
        if place is None:
            return []
        for older in record.candidates[place + 1 :]:
            self._drop(older)
        del record.candidates[place + 1 :]
        newest = record.candidates[place]
        self._waiting.pop(newest.offset, None)
        return _change(record_id, record, newest if fates[place] == "counts" else None)

    def _remember(self, record_id: str, *, settled: bool) -> None:
        self._settled.pop(record_id, None)
        if not settled:
            return
        self._settled[record_id] = None
        if len(self._settled) > self._remembered:
            self._forget(next(iter(self._settled)))

    def _forget(self, record_id: str) -> None:
        self._settled.pop(record_id, None)
        record = self._records.pop(record_id, None)
        for candidate in record.candidates if record else ():
            self._drop(candidate)

    def _drop(self, candidate: _Candidate) -> None:
        self._waiting.pop(candidate.offset, None)
        if candidate.policy_version in self._by_version:
            decisions = self._by_version[candidate.policy_version]
            decisions.pop(candidate.decision_id, None)
            if not decisions:
                del self._by_version[candidate.policy_version]

    def _fate(self, candidate: _Candidate) -> Fate:
        if candidate.source == "human":
            return "counts"
        if candidate.source == "recall" or candidate.policy_version is None:
            return "gone"
        return _fate_of_version(candidate.policy_version, self._certificate)


def _change(record_id: str, record: _Record, counts: _Candidate | None) -> list[Change]:
    now = (counts.decision_id, counts.revision) if counts else None
    if now == record.given:
        return []
    record.given = now
    if counts is None or counts.label is None:
        return [Withdrawn(record_id)]
    label, counts.label = counts.label, None
    return [Given(label)]


def _candidate(label: Label, offset: int) -> _Candidate:
    kept = label if label.source != "recall" else None
    return _Candidate(
        label.decision_id, label.decided_at, label.revision, label.source, label.policy_version, offset, kept
    )


def _fate_of_version(version: int, certificate: Certificate | None) -> Fate:
    if certificate is None:
        return "waits"
    if any(first <= version <= last for first, last in certificate.withdrawn):
        return "gone"
    return "counts" if version <= certificate.released else "waits"


def _is_newer(one: _Candidate, other: _Candidate) -> bool:
    """By offset within a partition of one stream, by time across streams (the topic was made anew)."""
    (stream, offset), (other_stream, other_offset) = _position(one.decision_id), _position(other.decision_id)
    if stream == other_stream and offset is not None and other_offset is not None:
        return offset > other_offset
    return (one.decided_at, one.decision_id) > (other.decided_at, other.decision_id)


def _position(decision_id: str) -> tuple[str, int | None]:
    stream, _, offset = decision_id.rpartition("/")
    return stream, int(offset) if offset.isdecimal() else None
