"""The monitor's state as plain JSON: a head, and slots for what is many.

Slots are numbered through: first the kept answers of each scope, then answer times, then audits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from winnow.core.risk import answer_times
from winnow.core.risk.statements import Claim

if TYPE_CHECKING:
    from winnow.core.risk.risk_monitor import RiskMonitor

_PLAIN = (
    "offset",
    "epoch",
    "unattended",
    "alarms",
    "halted",
    "hold_s",
    "answers_since_look",
    "records_since_look",
    "looked_at",
)


def answer_slot(monitor: "RiskMonitor", scope: int, row: int) -> int:
    return scope * monitor.scopes[0].window.capacity + row


def time_slot(monitor: "RiskMonitor", slot: int) -> int:
    return answer_slot(monitor, len(monitor.scopes), slot)


def bucket_slot(monitor: "RiskMonitor", bucket: int) -> int:
    return time_slot(monitor, answer_times.SLOTS + bucket)


def slot(monitor: "RiskMonitor", number: int) -> Any:
    """The slot of that number."""
    times, buckets = time_slot(monitor, 0), bucket_slot(monitor, 0)
    if number >= buckets:
        return monitor.register.bucket(number - buckets)
    if number >= times:
        return monitor.times.slot(number - times)
    scope, row = divmod(number, monitor.scopes[0].window.capacity)
    return monitor.scopes[scope].window.slot(row)


def used_slots(monitor: "RiskMonitor") -> Iterable[int]:
    """Numbers of all slots that hold something."""
    for number, scope in enumerate(monitor.scopes):
        yield from (answer_slot(monitor, number, row) for row in scope.window.used_slots())
    yield from (time_slot(monitor, number) for number in monitor.times.used_slots())
    yield from (bucket_slot(monitor, number) for number in monitor.register.used_buckets())


def head(monitor: "RiskMonitor") -> dict[str, Any]:
    """Everything but the slots."""
    return {
        **{name: getattr(monitor, name) for name in _PLAIN},
        "clock": monitor.clock.now,
        "claim": asdict(monitor.claim) if monitor.claim else None,
        "scopes": [scope.snapshot_head() for scope in monitor.scopes],
        "releases": monitor.releases.snapshot(),
        "progress": monitor.progress.snapshot(),
        "times": monitor.times.snapshot_head(),
        "flow": monitor.flow.snapshot(),
        "versions": monitor.versions.snapshot(),
    }


def restore(monitor: "RiskMonitor", state: Mapping[str, Any], slots: Mapping[int, Any]) -> None:
    """Back to `state`; what the slots hold from later offsets is passed over."""
    for name in _PLAIN:
        setattr(monitor, name, state[name])
    monitor.clock.now = state["clock"]
    monitor.claim = Claim.of_snapshot(state["claim"]) if state["claim"] else None
    monitor.releases.restore(state["releases"])
    monitor.progress.restore(state["progress"])
    monitor.flow.restore(state["flow"])
    monitor.versions.restore(state["versions"])
    times, buckets = time_slot(monitor, 0), bucket_slot(monitor, 0)
    monitor.times.restore(state["times"], {n - times: v for n, v in slots.items() if times <= n < buckets})
    monitor.register.restore({n - buckets: v for n, v in slots.items() if n >= buckets}, monitor.offset)
    _restore_scopes(monitor, state["scopes"], {n: v for n, v in slots.items() if n < times})


def _restore_scopes(monitor: "RiskMonitor", heads: list[Mapping[str, Any]], slots: Mapping[int, Any]) -> None:
    capacity = monitor.scopes[0].window.capacity
    of_scope: list[dict[int, Any]] = [{} for _ in monitor.scopes]
    for number, value in slots.items():
        scope, row = divmod(number, capacity)
        of_scope[scope][row] = value
    for scope_state, scope_head, rows in zip(monitor.scopes, heads, of_scope, strict=True):
        scope_state.restore(scope_head, rows, monitor.offset)
