"""When the gate looks again, and when the next policy version is due: live by the clock, in a replay by records."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class SinceLook(NamedTuple):
    """What happened since the gate looked last; `hold_s` is how long auto labels stay recallable."""

    answers: int
    records: int
    seconds: float
    version_age_s: float
    hold_s: float


class Cadence(Protocol):
    """Versions must pass on within the hold even when nothing changes: they end cohorts."""

    def look_is_due(self, since: SinceLook) -> bool: ...

    def version_is_due(self, since: SinceLook, *, changed: bool) -> bool:
        """Whether the look just taken makes a version; `changed` when it found something new."""
        ...


@dataclass(frozen=True, slots=True)
class LiveCadence:
    """Looks after so many answers, at most once in `seconds`; an unchanged version lasts a quarter of the hold."""

    answers: int = 25
    seconds: float = 1.0
    shortest_version_s: float = 30.0
    longest_version_s: float = 300.0

    def look_is_due(self, since: SinceLook) -> bool:
        return (since.answers >= self.answers and since.seconds >= self.seconds) or self._is_old(since)

    def version_is_due(self, since: SinceLook, *, changed: bool) -> bool:
        return changed or self._is_old(since)

    def _is_old(self, since: SinceLook) -> bool:
        lasts = min(max(since.hold_s / 4.0, self.shortest_version_s), self.longest_version_s)
        return since.version_age_s >= lasts


@dataclass(frozen=True, slots=True)
class RecordCadence:
    """Looks after so many records, whatever the clock says; each look makes a version."""

    records: int = 25

    def look_is_due(self, since: SinceLook) -> bool:
        return since.records >= self.records

    def version_is_due(self, since: SinceLook, *, changed: bool) -> bool:  # noqa: ARG002
        return True
