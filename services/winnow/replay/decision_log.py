"""Writes each decision as a line of JSON, in the order of the file, once it is known whether it was released."""

import json
from collections import deque
from typing import IO, Any

from winnow.replay.watching import Decided
from winnow_schemas.certificates import Certificate
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy


class DecisionLog:
    """A watcher. Lines wait for auto labels before them that are still held: memory is what the hold takes."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._waiting: deque[dict[str, Any]] = deque()
        self._held: dict[int, dict[str, Any]] = {}

    def decided(self, decided: Decided) -> None:
        """A line, which may have to wait."""
        line = decision_line(decided)
        self._waiting.append(line)
        if line["decision"] == "auto":
            self._held[decided.offset] = line
        self._write_known()

    def released(self, decided: Decided) -> None:
        """Its line is known."""
        self._settle(decided, released=True)

    def recalled(self, decided: Decided, *, put_back: bool) -> None:  # noqa: ARG002
        """Its line is known."""
        self._settle(decided, released=False)

    def _settle(self, decided: Decided, *, released: bool) -> None:
        self._held.pop(decided.offset)["released"] = released
        self._write_known()

    def _write_known(self) -> None:
        while self._waiting and (self._waiting[0]["decision"] != "auto" or self._waiting[0]["released"] is not None):
            self._write(self._waiting.popleft())

    def close(self) -> None:
        """Write what is held to the end as not released."""
        for line in self._waiting:
            self._write(line)
        self._waiting.clear()

    def _write(self, line: dict[str, Any]) -> None:
        self._out.write(json.dumps({**line, "released": bool(line["released"])}) + "\n")

    def died(self, offset: int) -> None:
        """No record, no line."""

    def unanswered(self, decided: Decided) -> None:
        """The decision stands."""

    def issued(self, policy: Policy, offset: int) -> None:
        """Not written."""

    def alarmed(self, alarm: DriftAlarm, offset: int) -> None:
        """Not written."""

    def certified(self, certificate: Certificate, offset: int) -> None:
        """Not written."""


def decision_line(decided: Decided) -> dict[str, Any]:
    """What is written of a decision; `released` is None while it is not known."""
    decision = decided.decision
    return {
        "id": decided.record_id if decided.record_id is not None else decision.decision_id,
        "decision": decision.outcome,
        "label": decision.label,
        "reason": decision.reason,
        "confidence": decision.confidence,
        "propensity": decision.propensity,
        "policy_version": decision.policy_version,
        "epoch": decision.epoch,
        "model_version": decision.model_version,
        "released": None,
    }
