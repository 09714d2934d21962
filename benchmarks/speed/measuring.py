"""From when to when a client is measured, and what comes out. Pure, but for `measured`, which looks.

Start-up, imports, joining the group and the first records are left out: the window opens at the first commit after
`warm_up` records and closes at a later commit, as soon as the client has used `cpu_s` of processor time or `seconds`
have passed, or at the stream's end. Both ends are moments at which the count of finished records was seen to change.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

LOOK_EVERY_S = 0.01


@dataclass(frozen=True)
class Extent:
    """How much is measured: records left out at the start, processor time, time, and how long to wait at most."""

    warm_up: int
    cpu_s: float
    seconds: float
    within_s: float


@dataclass(frozen=True)
class Sample:
    """How things stood: records finished, the client's processor time, the time."""

    records: int
    cpu_s: float
    at: float


@dataclass(frozen=True)
class Measured:
    """What one run gave."""

    records: int
    cpu_s: float
    seconds: float

    @property
    def cpu_us(self) -> float:
        """Processor time per record in µs."""
        return 1e6 * self.cpu_s / self.records

    def as_values(self) -> dict[str, Any]:
        """For the cache and for programs."""
        return {**asdict(self), "cpu_us": self.cpu_us, "records_per_second": self.records / self.seconds}


@dataclass
class Window:
    """Takes samples; only those at which the count has changed matter."""

    extent: Extent
    total: int
    _begin: Sample | None = None
    _last: Sample = field(default=Sample(0, 0.0, 0.0))

    def see(self, sample: Sample) -> Measured | None:
        """The result, once the window has closed."""
        if sample.records == self._last.records:
            return None
        self._last = sample
        if self._begin is None:
            self._begin = sample if sample.records >= self.extent.warm_up else None
            return None
        used, passed = sample.cpu_s - self._begin.cpu_s, sample.at - self._begin.at
        if used < self.extent.cpu_s and passed < self.extent.seconds and sample.records < self.total:
            return None
        return Measured(sample.records - self._begin.records, used, passed)


class Progress(Protocol):
    """How many records a client has finished, as the broker knows it."""

    def count(self) -> int: ...

    def close(self) -> None: ...


class ClientFailed(Exception):
    """A client ended or came to no end; the message has its last words."""


LEAST_LABELLED = 0.5
"""Of what a client writes; 19 of 20 records are sure. A scorer whose champion was refused labels none."""


def require_labels(labels: int, requests: int) -> None:
    """Raises `ClientFailed` when a client mostly asked people: writing requests is other work than what is compared."""
    if labels < LEAST_LABELLED * (labels + requests):
        raise ClientFailed(f"it wrote {labels:,} labels and {requests:,} requests: was its champion refused?")


def measured(window: Window, progress: Progress, cpu_s: Callable[[], float], has_ended: Callable[[], bool]) -> Measured:
    """Looks until the window closes; raises `ClientFailed` when the client ends before, or takes too long."""
    deadline = time.monotonic() + window.extent.within_s
    while time.monotonic() < deadline:
        sample = Sample(progress.count(), cpu_s(), time.monotonic())
        if result := window.see(sample):
            return result
        if has_ended():
            raise ClientFailed("it ended")
        time.sleep(LOOK_EVERY_S)
    raise ClientFailed(f"it was not done within {window.extent.within_s:.0f} s")
