"""The monitor's state as plain JSON: a head, and slots for what is many.

Slots are numbered through: first the kept answers of each scope, then answer times, then audits.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from winnow.core.risk import answer_times, audit_register

if TYPE_CHECKING:
    from winnow.core.risk.risk_monitor import RiskMonitor

_PLAIN = (
    "offset",
    "epoch",
    "unattended",
    "alarms",
    "halted",
    "unknown_versions",
    "repeated",
)


class Section(NamedTuple):
    """A run of slots: `first` is the number of its first one, `size` how many there can be."""

    name: str
    first: int
    size: int


class Slots:
    """Where each part of the state lies among the slots of one monitor."""

    def __init__(self, monitor: "RiskMonitor") -> None:
        self._monitor = monitor
        self._capacity = monitor.scopes[0].window.capacity
        answers = [Section(f"answers/{n}", n * self._capacity, self._capacity) for n in range(len(monitor.scopes))]
        times = Section("answer_times", len(answers) * self._capacity, answer_times.SLOTS)
        audits = Section("audits", times.first + times.size, audit_register.BUCKETS)
        self.sections = (*answers, times, audits)

    def of_answer(self, scope: int, row: int) -> int:
        return scope * self._capacity + row

    def of_time(self, row: int) -> int:
        return self.sections[-2].first + row

    def of_audits(self, bucket: int) -> int:
        return self.sections[-1].first + bucket

    def read(self, number: int) -> Any:
        """The slot of that number."""
        place, section, row = self._find(number)
        if section.name == "audits":
            return self._monitor.register.bucket(row)
        if section.name == "answer_times":
            return self._monitor.times.slot(row)
        return self._monitor.scopes[place].window.slot(row)

    def name(self, number: int) -> str:
        """Section and row of the slot of that number, as `section/row`."""
        _, section, row = self._find(number)
        return f"{section.name}/{row}"

    def _find(self, number: int) -> tuple[int, Section, int]:
        place, section = next((n, s) for n, s in enumerate(self.sections) if number < s.first + s.size)
        return place, section, number - section.first

    def in_use(self) -> Iterator[tuple[Section, Iterable[int]]]:
        """Per section the rows that hold something."""
        used = [scope.window.used_slots() for scope in self._monitor.scopes]
        return zip(
            self.sections,
            [*used, self._monitor.times.used_slots(), self._monitor.register.used_buckets()],
            strict=True,
        )

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """All slots in use, by section and row."""
        return {
            section.name: {str(row): self.read(section.first + row) for row in rows} for section, rows in self.in_use()
        }


def head(monitor: "RiskMonitor") -> dict[str, Any]:
    """Everything but the slots."""
    return {
        **{name: getattr(monitor, name) for name in _PLAIN},
        "clock": monitor.clock.now,
        "scopes": [scope.snapshot_head() for scope in monitor.scopes],
        "releases": monitor.releases.snapshot(),
        "progress": monitor.progress.snapshot(),
        "times": monitor.times.snapshot_head(),
        "gold": monitor.gold.snapshot(),
        "commands": monitor.commands.snapshot(),
        "issuer": monitor.issuer.snapshot(),
    }


def restore(monitor: "RiskMonitor", state: Mapping[str, Any], slots: Mapping[str, Mapping[str, Any]]) -> None:
    """Back to `state`; what the slots hold from later offsets is passed over."""
    for name in _PLAIN:
        setattr(monitor, name, state[name])
    monitor.clock.now = state["clock"]
    monitor.releases.restore(state["releases"])
    monitor.progress.restore(state["progress"])
    monitor.gold.restore(state["gold"])
    monitor.commands.restore(state["commands"])
    monitor.issuer.restore(state["issuer"])
    rows = {name: {int(row): value for row, value in section.items()} for name, section in slots.items()}
    monitor.times.restore(state["times"], rows.get("answer_times", {}))
    monitor.register.restore(rows.get("audits", {}), monitor.offset)
    for number, (scope, scope_head) in enumerate(zip(monitor.scopes, state["scopes"], strict=True)):
        scope.restore(scope_head, rows.get(f"answers/{number}", {}), monitor.offset)
