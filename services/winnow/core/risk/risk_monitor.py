"""The fold of evidence into policies, certificates and alarms.

Pure: the same evidence at the same offsets gives the same statements, bit for bit, also across
`restore(snapshot())`. The time is the largest one seen in evidence. A new policy's version is the offset
of the evidence that caused it.
"""

from collections.abc import Mapping
from typing import Any

from winnow.core.risk import risk_state
from winnow.core.risk.closings_fold import ClosingsFold
from winnow.core.risk.commands_fold import CommandsFold
from winnow.core.risk.counts_fold import CountsFold
from winnow.core.risk.epochs import Epochs
from winnow.core.risk.model_fold import ModelFold
from winnow.core.risk.monitor_parts import parts_of
from winnow.core.risk.risk_figures import gate_figures
from winnow.core.risk.risk_settings import RiskSettings
from winnow.core.risk.risk_slots import Slots
from winnow_schemas.certificates import Certificate
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.evidence import Closed, Command, Counts, Evidence, ModelChange
from winnow_schemas.policies import Policy
from winnow_schemas.task import Task

Statement = Policy | Certificate | DriftAlarm


class RiskMonitor:
    """Holds the error of one task: one scope for all its labels, or one for each.

    Its state is a head (plain JSON, small) and slots (plain JSON, smaller still): `changed_slots()`
    names those that the last event changed. Write slots before the head: slots may be ahead of the
    head by up to a window of answers, never behind it.
    """

    def __init__(self, task: Task, salt_id: str, partitions: int, settings: RiskSettings | None = None) -> None:
        self.settings = settings or RiskSettings.of_task(task)
        self.parts = parts_of(task, salt_id, partitions, self.settings)
        self.epochs = Epochs(self.parts)
        self._slots = Slots(self.parts)
        self._models = ModelFold(self.parts, self.epochs)
        self._counts = CountsFold(self.parts, self.epochs, self._models)
        self._closings = ClosingsFold(self.parts, self.epochs, self._slots)
        self._commands = CommandsFold(self.parts, self.epochs)

    def on_evidence(self, offset: int, evidence: Evidence) -> list[Statement]:
        """Take in one message; gives what there is to say. Offsets already seen are passed over."""
        if offset <= self.parts.offset:
            return []
        self._open_turn(offset, self._time_of(evidence))
        if isinstance(evidence, Counts):
            self._counts.hear(evidence)
        elif isinstance(evidence, Closed):
            self._closings.hear(evidence)
        elif isinstance(evidence, ModelChange):
            self._models.hear(evidence)
        else:
            self._commands.obey(evidence)
        self._ask_for_silent_partitions()
        self._release()
        return self._close_turn()

    def evidence_lost(self, offset: int, message: str) -> list[Statement]:
        """Evidence before `offset` is gone: take back what is not released, begin a new epoch."""
        self._open_turn(offset, self.parts.now)
        self.epochs.end("gap", message)
        return self._close_turn()

    def _time_of(self, evidence: Evidence) -> float:
        """Operators' clocks do not count, unless nothing was heard before."""
        if isinstance(evidence, Command) and self.parts.clock.now is not None:
            return self.parts.clock.now
        return evidence.at.timestamp()

    def _open_turn(self, offset: int, at: float) -> None:
        parts = self.parts
        if offset <= parts.offset:
            raise ValueError(f"offset {offset} is not after {parts.offset}")
        parts.offset = offset
        self._closings.changed = set()
        before = parts.clock.now
        now = parts.clock.hear(at)
        if before is None:
            self.epochs.begin()
        elif now < before:
            parts.issuer.no_later_than(now)
            parts.progress.no_later_than(now)
            parts.releases.cohorts.no_later_than(now)

    def _ask_for_silent_partitions(self) -> None:
        silent = self.parts.progress.fall_silent(self.parts.now)
        if silent:
            names = ", ".join(map(str, silent))
            message = f"no evidence for {self.settings.silence_s:g} s from partition {names}; nothing is released"
            self.epochs.tell("incomplete", message, {"partitions": float(len(silent))})

    def _release(self) -> None:
        parts = self.parts
        before = parts.releases.withdrawals.released
        refused = parts.releases.release(parts.progress.passed, parts.now, parts.issuer.hold_s)
        if refused:
            scopes = [parts.scopes[number] for number in refused]
            values = {"found": float(sum(scope.ledger.current.found for scope in scopes))}
            message = "the ledger does not allow the release: too many audits were wrong"
            self.epochs.end("ledger", message, scopes, values)
        elif parts.releases.withdrawals.released > before:
            self._turn_chapters()

    def _turn_chapters(self) -> None:
        parts = self.parts
        overlooked = parts.gold.overlooked_at_most
        for scope in parts.scopes:
            if scope.turn_chapter(parts.offset, parts.now, overlooked):
                parts.issuer.demand_version()

    def _close_turn(self) -> list[Statement]:
        issuer, turn = self.parts.issuer, self.epochs.turn
        said = (issuer.policy(turn, self.parts.times.hold_s), issuer.certificate(turn))
        return [*self.epochs.take_alarms(), *(statement for statement in said if statement is not None)]

    def figures(self) -> dict[str, Any]:
        """Numbers for the metric family `gate`, and how much was no evidence."""
        return gate_figures(self.parts, self.epochs)

    def changed_slots(self) -> list[int]:
        """Slots that the last event changed."""
        return sorted(self._closings.changed)

    def slot(self, number: int) -> Any:
        """One slot as plain JSON."""
        return self._slots.read(number)

    def slot_name(self, number: int) -> str:
        """Where a slot stands in a snapshot: `section/row`."""
        return self._slots.name(number)

    def snapshot_head(self) -> dict[str, Any]:
        """Everything but the slots, as plain JSON."""
        return risk_state.head(self.parts, self.epochs)

    def snapshot(self) -> dict[str, Any]:
        """The head, and all slots in use by section and row."""
        return {"head": self.snapshot_head(), "slots": self._slots.snapshot()}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot of the same task; its slots may be ahead of its head.

        Raises ValueError when slots that the head needs were overwritten.
        """
        risk_state.restore(self.parts, self.epochs, snapshot["head"], snapshot["slots"])
