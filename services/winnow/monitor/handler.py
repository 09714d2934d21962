"""Evidence in; policies, certificates, alarms, metrics and dead letters out. Knows no transport and no clock.

The time is that of the evidence. Everything here is a pure fold: the same evidence at the same offsets
gives the same messages, whenever it is folded.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from winnow.monitor.flow_counts import FlowCounts
from winnow.monitor.published import Issued, Published
from winnow.monitor.state_entries import Kept, State
from winnow.monitor.windows import Windows
from winnow.monitor.wiring import Change
from winnow.runtime.dead_letters import DeadLetterLimit, dead_letter
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming, Outgoing
from winnow_schemas.codec import InvalidMessage, decode, encode
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.evidence import Closed, Command, Evidence
from winnow_schemas.metrics import Family, Metric, MetricValue, Window
from winnow_schemas.topics import Topics

SERVICE = "monitor"


class Risk(Protocol):
    """What decides: `winnow.core.risk.RiskMonitor`, as far as it is used here."""

    def on_evidence(self, offset: int, evidence: Evidence) -> Sequence[Issued]: ...

    def evidence_lost(self, offset: int, message: str) -> Sequence[Issued]: ...

    def figures(self) -> dict[str, Any]: ...

    def changed_slots(self) -> Iterable[int]: ...

    def slot(self, number: int) -> Any: ...

    def slot_name(self, number: int) -> str: ...

    def snapshot_head(self) -> State: ...

    def restore(self, snapshot: Mapping[str, Any]) -> None: ...


class EvidenceHandler:
    """The fold: a `Fold` for the Faust shell.

    `most_ahead`: so many pieces of evidence may be folded between two writings of the state without
    slots overwriting what the earlier one needs.
    """

    def __init__(self, risk: Risk, published: Published, topics: Topics, most_ahead: int) -> None:
        self._risk = risk
        self._published = published
        self._topics = topics
        self._most_ahead = most_ahead
        self._flow = FlowCounts()
        self._windows = Windows()
        self._lost: range | None = None
        self._limit = DeadLetterLimit(share=0.1, window=10_000, at_least=100)
        self._now = -math.inf
        self._changed: set[int] = set()
        self._stale: set[str] = set()
        self._ahead = 0
        self.next_offset = 0

    @property
    def must_keep(self) -> bool:
        """Whether the state must be written before more evidence is folded."""
        return self._ahead >= self._most_ahead

    def handle(self, message: Incoming, end: int) -> Sequence[Outgoing]:
        """What one message of evidence brings about; `end` is where the topic ends now.

        Raises `UsageError` when too much of the evidence breaks its contract.
        """
        if message.offset < self.next_offset:
            return ()
        self.next_offset = message.offset + 1
        try:
            evidence: Evidence = decode(Evidence, message.value)  # type: ignore[arg-type]
        except InvalidMessage as error:
            return (self._set_aside(message, error),)
        self._limit.count(1, 0)
        return list(self._fold(message.offset, evidence, end))

    def change(self) -> Change:
        """The state as it is now."""
        slots: dict[str, Any] = dict.fromkeys(sorted(self._stale))
        slots.update({self._risk.slot_name(number): self._risk.slot(number) for number in sorted(self._changed)})
        self._changed, self._stale, self._ahead = set(), set(), 0
        head = {"risk": self._risk.snapshot_head(), "flow": self._flow.snapshot(), "now": self._now}
        return Change(self.next_offset - 1, head, slots)

    def restore(self, kept: Kept) -> None:
        """Go on from what was kept; raises ValueError when it does not fit together."""
        sections: dict[str, dict[str, Any]] = {}
        for name, slot in kept.slots.items():
            section, _, row = name.rpartition("/")
            if slot is not None:
                sections.setdefault(section, {})[row] = slot
        self._risk.restore({"head": kept.head["risk"], "slots": sections})
        self._flow.restore(kept.head["flow"])
        self._now = kept.head["now"]
        self.next_offset = kept.offset + 1

    def skip_to(self, first: int) -> None:
        """Evidence before `first` is gone: the next piece raises the alarm."""
        self._lost = range(self.next_offset, first)
        self.next_offset = first

    def clear(self, slots: Iterable[str]) -> None:
        """These slots are left from a state that was lost: empty them with the next change."""
        self._stale.update(slots)

    def _set_aside(self, message: Incoming, error: InvalidMessage) -> Outgoing:
        if self._limit.would_exceed(1, 1):
            raise UsageError(
                f"too much evidence breaks its contract (the last at {message.offset}: {error}): "
                "run the same version of all services"
            )
        self._limit.count(1, 1)
        return dead_letter(message, error.code, str(error), SERVICE, self._topics, message.timestamp)

    def _fold(self, offset: int, evidence: Evidence, end: int) -> Iterator[Outgoing]:
        now = self._time(evidence)
        yield from self._metrics(self._windows.complete(now), offset - 1, end)
        self._now = now
        self._flow.add(evidence)
        self._ahead += isinstance(evidence, Closed)
        yield from self._gone(offset, evidence)
        yield from self._published.news(offset, self._noting_slots(self._risk.on_evidence(offset, evidence)))
        yield from self._metrics(self._windows.due(now), offset, end)

    def _time(self, evidence: Evidence) -> float:
        """Operators' clocks do not count, unless nothing was heard before."""
        if isinstance(evidence, Command) and math.isfinite(self._now):
            return self._now
        return max(self._now, evidence.at.timestamp())

    def _gone(self, offset: int, evidence: Evidence) -> Iterator[Outgoing]:
        lost, self._lost = self._lost, None
        if lost is None:
            return
        message = f"evidence {lost.start} to {lost.stop - 1} is gone"
        if lost.start:
            issued = self._noting_slots(self._risk.evidence_lost(offset - 1, message))
        else:  # no state either: a beginning, of which the risk logic claims nothing from before
            issued = [DriftAlarm(kind="gap", version=offset - 1, epoch=1, message=message, at=evidence.at)]
        yield from self._published.news(offset - 1, issued)

    def _noting_slots(self, issued: Sequence[Issued]) -> Sequence[Issued]:
        self._changed.update(self._risk.changed_slots())
        return issued

    def _metrics(self, windows: Iterable[tuple[float, int]], offset: int, end: int) -> Iterator[Outgoing]:
        for start, seconds in windows:
            window = Window(start=datetime.fromtimestamp(start, UTC), seconds=seconds)
            yield self._metric("flow", window, offset, {**self._flow.figures(), "offset": offset})
            yield self._metric("gate", window, offset, {**self._risk.figures(), "lag": max(0, end - offset - 1)})

    def _metric(self, family: Family, window: Window, sequence: int, values: dict[str, MetricValue]) -> Outgoing:
        metric = Metric(family=family, source=SERVICE, window=window, sequence=sequence, values=values)
        return Outgoing(self._topics["metrics"], encode(metric), f"{family}/{SERVICE}".encode())
