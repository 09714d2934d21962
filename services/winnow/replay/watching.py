"""What happens in a replay, for those who watch it: figures, the report's curves, the file of decisions."""

from typing import NamedTuple, Protocol

from winnow_schemas.certificates import Certificate
from winnow_schemas.decisions import Decision
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy


class Decided(NamedTuple):
    """One decision; `record_id` is the record's own, `truth` the label that the file says is right."""

    offset: int
    record_id: str | None
    decision: Decision
    truth: str

    @property
    def wrong(self) -> bool:
        """Whether the machine's label is not the file's; also when it had none."""
        return self.decision.label != self.truth


class Watcher(Protocol):
    """Is told of everything, in the order in which it happens; `offset` is the record at work."""

    def decided(self, decided: Decided) -> None:
        """A record was scored and decided."""

    def died(self, offset: int) -> None:
        """A line is no record."""

    def released(self, decided: Decided) -> None:
        """An auto label counts from now on."""

    def recalled(self, decided: Decided, *, put_back: bool) -> None:
        """An auto label was taken back before it counted; people get the record when it is put back."""

    def unanswered(self, decided: Decided) -> None:
        """Nobody answered the request of this record."""

    def issued(self, policy: Policy, offset: int) -> None:
        """A policy is in force."""

    def alarmed(self, alarm: DriftAlarm, offset: int) -> None:
        """The machine stopped labelling."""

    def certified(self, certificate: Certificate, offset: int) -> None:
        """All labels that the certificate covers have been told as released."""
