"""Which ledger audits were closed, and how: so that a repeat changes nothing and a revision is told from it.

Audits lie in buckets by their request id; a bucket is one small table entry. Each closing is kept with the
evidence offset that brought it, so that buckets that are ahead of the rest of the state can be read as
they were. What nobody can revise any more is forgotten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

from winnow.core.risk.answer_window import Mark
from winnow_schemas.evidence import Closing

BUCKETS = 1024
_MOST_IN_BUCKET = 400


class AuditState(NamedTuple):
    """One closing of an audit; `settled`: its label had been released (or given up) by then."""

    offset: int
    mark: Mark
    closing: Closing
    settled: bool


@dataclass(slots=True)
class Audit:
    """All closings of one ledger audit, oldest first, and when the newest came."""

    version: int
    at: float
    states: list[AuditState] = field(default_factory=list)

    @property
    def newest(self) -> AuditState:
        return self.states[-1]

    @property
    def counted_wrong(self) -> bool:
        """Whether a ledger that has passed this audit counts it among the wrong ones."""
        at_release = [state for state in self.states if not state.settled][-1:]
        since = [state for state in self.states if state.settled]
        return any(state.closing != "right" for state in at_release + since)


class AuditRegister:
    """Remembers audits for `remembered_s` after their last closing."""

    def __init__(self, remembered_s: float) -> None:
        self.remembered_s = remembered_s
        self._buckets: dict[int, dict[str, Audit]] = {}

    @staticmethod
    def bucket_of(request: str) -> int:
        return crc32(request.encode()) % BUCKETS

    def find(self, request: str, now: float) -> Audit | None:
        audit = self._buckets.get(self.bucket_of(request), {}).get(request)
        return audit if audit is not None and now - audit.at <= self.remembered_s else None

    def note(self, request: str, version: int, state: AuditState, now: float) -> int:
        """Add a closing; gives the bucket that changed."""
        number = self.bucket_of(request)
        audit = self.find(request, now) or Audit(version, now)
        audit.states.append(state)
        audit.at = now
        bucket = self._buckets.setdefault(number, {})
        bucket.pop(request, None)
        bucket[request] = audit
        self._tidy(bucket, now)
        return number

    def _tidy(self, bucket: dict[str, Audit], now: float) -> None:
        for request in list(bucket):
            if now - bucket[request].at <= self.remembered_s and len(bucket) <= _MOST_IN_BUCKET:
                break
            del bucket[request]

    def used_buckets(self) -> Iterable[int]:
        """Buckets that hold something, in the order of their first use."""
        return list(self._buckets)

    def bucket(self, number: int) -> dict[str, Any]:
        """One bucket as plain JSON."""
        return {
            request: [audit.version, audit.at, [[s.offset, *s.mark, s.closing, s.settled] for s in audit.states]]
            for request, audit in self._buckets.get(number, {}).items()
        }

    def restore(self, buckets: Mapping[int, Mapping[str, Any]], offset: int) -> None:
        """Back to what the buckets held at `offset`."""
        self._buckets = {number: _bucket_at(bucket, offset) for number, bucket in buckets.items()}


def _bucket_at(bucket: Mapping[str, Any], offset: int) -> dict[str, Audit]:
    found = {}
    for request, (version, at, states) in bucket.items():
        kept = [AuditState(o, Mark(n, r), closing, settled) for o, n, r, closing, settled in states if o <= offset]
        if kept:
            found[request] = Audit(version, at, kept)
    return found
