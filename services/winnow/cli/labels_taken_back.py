"""Which labels of some policy versions stand, and which were recalled. Pure: labels go in, counts come out.

A label stands until it is recalled, a person labels the record, or the record is decided anew. Labels
come in the order of their partition, so what revises one comes after it.
"""

from collections.abc import Callable

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
        if label.source == "auto":
            if label.policy_version is not None and self._concerned(label.policy_version):
                self._standing[label.record_id] = label.decision_id, label.policy_version
            elif known:
                del self._standing[label.record_id]
        elif known and known[0] == label.decision_id:
            del self._standing[label.record_id]
            self.recalled += label.source == "recall"
