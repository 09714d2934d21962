"""Slots: the many small parts of a monitor's state, numbered through.

First the kept answers of each scope, then answer times, then audits.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from winnow.core.risk import answer_times, audit_register
from winnow.core.risk.monitor_parts import Parts


class Section(NamedTuple):
    """A run of slots: `first` is the number of its first one, `size` how many there can be."""

    name: str
    first: int
    size: int


class Slots:
    """Where each part of the state lies among the slots of one monitor."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._capacity = parts.scopes[0].window.capacity
        answers = [Section(f"answers/{n}", n * self._capacity, self._capacity) for n in range(len(parts.scopes))]
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
            return self._parts.register.bucket(row)
        if section.name == "answer_times":
            return self._parts.times.slot(row)
        return self._parts.scopes[place].window.slot(row)

    def name(self, number: int) -> str:
        """Section and row of the slot of that number, as `section/row`."""
        _, section, row = self._find(number)
        return f"{section.name}/{row}"

    def _find(self, number: int) -> tuple[int, Section, int]:
        place, section = next((n, s) for n, s in enumerate(self.sections) if number < s.first + s.size)
        return place, section, number - section.first

    def in_use(self) -> Iterator[tuple[Section, Iterable[int]]]:
        """Per section the rows that hold something."""
        used = [scope.window.used_slots() for scope in self._parts.scopes]
        return zip(
            self.sections,
            [*used, self._parts.times.used_slots(), self._parts.register.used_buckets()],
            strict=True,
        )

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """All slots in use, by section and row."""
        return {
            section.name: {str(row): self.read(section.first + row) for row in rows} for section, rows in self.in_use()
        }
