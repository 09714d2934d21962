"""Epochs: runs of decisions from one alarm to the next. An alarm takes back what is held and closes the gates."""

from collections.abc import Iterable, Mapping
from typing import Any

from winnow.core.risk.monitor_parts import Parts
from winnow.core.risk.risk_scope import RiskScope
from winnow.core.risk.statements import Turn, moment
from winnow_schemas.drift_alarms import AlarmKind, DriftAlarm

_KEPT = ("current", "unattended", "halted", "alarms")


class Epochs:
    """Numbers the epochs, and halts the machine when too many of them began without an operator's word."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.current = 1
        self.unattended = 0
        self.halted = False
        self.alarms = 0
        self._said: list[DriftAlarm] = []

    @property
    def turn(self) -> Turn:
        """What holds for all scopes while the evidence at work is heard."""
        return Turn(self._parts.offset, self._parts.now, self.current, self.halted, max(self._parts.model_since, 0))

    def begin(self) -> None:
        """The first epoch: nothing is claimed of policies from before the first evidence known here."""
        parts = self._parts
        parts.releases.withdraw(parts.offset - 1)
        parts.progress.begin(parts.now)
        parts.issuer.begin(parts.now)
        for scope in parts.scopes:
            scope.begin_epoch(parts.offset, overlooked=0.0)

    def end(
        self,
        kind: AlarmKind,
        message: str,
        scopes: Iterable[RiskScope] | None = None,
        values: Mapping[str, float] | None = None,
    ) -> None:
        """An alarm that ends the epoch: take back what is not released, close the gates of `scopes` (or of all)."""
        parts = self._parts
        self.tell(kind, message, values or {})
        parts.releases.withdraw(parts.issuer.current)
        for scope in parts.scopes if scopes is None else scopes:
            scope.begin_epoch(parts.offset, parts.gold.overlooked_at_most)
        self.current += 1
        self.unattended = 0 if kind == "operator" else self.unattended + 1
        self.halted = self.halted or self.unattended > parts.settings.max_epochs
        parts.issuer.demand_version()

    def tell(self, kind: AlarmKind, message: str, values: Mapping[str, float]) -> None:
        """An alarm that is said, and no more."""
        self.alarms += 1
        parts = self._parts
        self._said.append(
            DriftAlarm(
                kind=kind,
                version=parts.offset,
                epoch=self.current,
                message=message,
                values=dict(values),
                at=moment(parts.now),
            )
        )

    def halt(self, message: str) -> None:
        """An operator's alarm; nothing is labelled until they resume."""
        if not self.halted:
            self.end("operator", message)
            self.halted = True

    def resume(self) -> None:
        """An operator had a look: the machine may go on."""
        self.unattended = 0
        if self.halted:
            self.halted = False
            self._parts.issuer.demand_version()

    def take_alarms(self) -> list[DriftAlarm]:
        """What was said since this was asked last."""
        said, self._said = self._said, []
        return said

    def snapshot(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _KEPT}

    def restore(self, state: Mapping[str, Any]) -> None:
        for name in _KEPT:
            setattr(self, name, state[name])
        self._said = []
