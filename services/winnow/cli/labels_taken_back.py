"""Which labels of some policy versions stand, and which were recalled. Pure: labels go in, counts come out.

A label stands until it is recalled, a person labels the record, or the record is decided anew. Labels
come in the order of their partition, so what revises one comes after it.
"""

from collections.abc import Callable

from winnow.cli.decision_ids import parse_decision_id
from winnow_schemas.labels import Label


class LabelsTakenBack:
    """`concerned` says of a policy version whether its labels are meant."""

    def __init__(self, concerned: Callable[[int], bool]) -> None:
        self._concerned = concerned
        self._standing: dict[str, tuple[str, int]] = {}
        self.recalled = 0

    @property
    def standing(self) -> int:
        """Labels of the machine that nothing has revised so far."""
        return len(self._standing)

    def standing_where(self, holds: Callable[[int], bool]) -> int:
        """Those of them whose policy version is so."""
        return sum(holds(version) for _, version in self._standing.values())

    def take(self, label: Label) -> None:
        """A message of `labels`."""
        known = self._standing.get(label.record_id)
        if known and _is_newer(known[0], label.decision_id):
            return
        if label.source == "auto":
            if label.policy_version is not None and self._concerned(label.policy_version):
                self._standing[label.record_id] = label.decision_id, label.policy_version
            elif known:
                del self._standing[label.record_id]
        elif known:
            del self._standing[label.record_id]
            self.recalled += label.source == "recall"


def _is_newer(one: str, other: str) -> bool:
    """Whether the decision `one` came after `other`; within a partition later records have higher offsets."""
    mine, theirs = parse_decision_id(one), parse_decision_id(other)
    return bool(mine and theirs and mine[:2] == theirs[:2] and mine.offset > theirs.offset)
