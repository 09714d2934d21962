"""Figures of one service as `metrics.v1`: windows of 10 s, sent again about every second.

Within a window the highest sequence wins, so a dashboard sees a window grow and never counts it
twice. The first window begins when the service does and ends with the others', so a service that
starts again does not overwrite what it counted before. State only: no clock, no transport.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from winnow.runtime.messages import Outgoing
from winnow_schemas.codec import encode
from winnow_schemas.metrics import Family, Metric, MetricValue, Window

WINDOW_S = 10.0
SENT_EVERY_S = 1.0
SAMPLES = 1000


@dataclass
class _Counted:
    """What was counted within one window."""

    counts: dict[str, float] = field(default_factory=dict)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)
    samples: dict[str, deque[float]] = field(default_factory=dict)

    def copy(self) -> "_Counted":
        parts = {name: dict(amounts) for name, amounts in self.parts.items()}
        return _Counted(dict(self.counts), parts, {name: deque(each, SAMPLES) for name, each in self.samples.items()})


class MetricsWindow:
    """Counts, gauges and samples of one family from one source; times in seconds since the epoch.

    Counts and samples begin anew with each window, gauges stay. For a count named in `rates` the
    figure `NAME_per_second` is sent too; of samples the 95th percentile is sent, as `NAME_p95`.
    """

    def __init__(self, family: Family, source: str, topic: str, now: float, rates: tuple[str, ...] = ()) -> None:
        self._family: Family = family
        self._source = source
        self._topic = topic
        self._rates = rates
        self._start = now
        self._sent_at = now
        self._sequence = 0
        self._gauges: dict[str, MetricValue] = {}
        self._counted = _Counted()

    def add(self, name: str, amount: float = 1) -> None:
        """Count something within the window."""
        _increase(self._counted.counts, name, amount)

    def add_parts(self, name: str, amounts: Mapping[str, float]) -> None:
        """Count something by kind, e.g. decisions by reason."""
        parts = self._counted.parts.setdefault(name, {})
        for part, amount in amounts.items():
            _increase(parts, part, amount)

    def sample(self, name: str, value: float) -> None:
        """One measurement of something whose 95th percentile matters."""
        self._counted.samples.setdefault(name, deque(maxlen=SAMPLES)).append(value)

    def set(self, name: str, value: MetricValue) -> None:
        """What something is now."""
        self._gauges[name] = value

    def due(self, now: float) -> list[Outgoing]:
        """What is to be sent now: the end of a window, or its state so far when a second has passed."""
        messages = []
        if now >= self._end:
            messages.append(self._message(self._end))
            self._start = math.floor(now / WINDOW_S) * WINDOW_S
            self._counted = _Counted()
            self._sent_at = now
        elif not 0 <= now - self._sent_at < SENT_EVERY_S:
            messages.append(self._message(now))
            self._sent_at = now
        return messages

    def snapshot(self) -> dict[str, Any]:
        """State to come back to when a transaction is aborted."""
        return {"start": self._start, "gauges": dict(self._gauges), "counted": self._counted.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take the state of a snapshot; the sequence goes on, so that nothing is taken for older."""
        self._start = state["start"]
        self._gauges = dict(state["gauges"])
        self._counted = state["counted"].copy()

    @property
    def _end(self) -> float:
        return (math.floor(self._start / WINDOW_S) + 1) * WINDOW_S

    def _message(self, until: float) -> Outgoing:
        self._sequence += 1
        metric = Metric(
            family=self._family,
            source=self._source,
            window=Window(start=datetime.fromtimestamp(self._start, UTC), seconds=self._end - self._start),
            sequence=self._sequence,
            values=self._values(until - self._start),
        )
        return Outgoing(self._topic, encode(metric), f"{self._family}/{self._source}".encode())

    def _values(self, seconds: float) -> dict[str, MetricValue]:
        counted = self._counted
        values: dict[str, MetricValue] = {**self._gauges, **counted.counts, **counted.parts}
        for name in self._rates:
            values[f"{name}_per_second"] = counted.counts.get(name, 0) / max(seconds, 1e-3)
        for name, samples in counted.samples.items():
            values[f"{name}_p95"] = _p95(samples)
        return values


def _increase(counts: dict[str, float], name: str, amount: float) -> None:
    counts[name] = counts.get(name, 0) + amount


def _p95(values: deque[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]
