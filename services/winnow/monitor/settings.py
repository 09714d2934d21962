"""How the monitor works, whatever the task: frozen, with the values that were measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class MonitorPolicy:
    """Times in seconds.

    The state goes into the changelog `write_every_s`, or when half of `most_ahead` pieces of evidence
    were folded; after `most_ahead` closings (or half a window of the gate) the fold waits for it: a
    restart folds that much again. Recovery that takes longer than
    `recover_within_s` ends the process for a restart; a stop that takes longer than `stop_within_s` is
    not waited for. `stall_share` of the session's time-out without a sign of life means that the process
    was stopped and must not write; after `idle_limit_s` without one it is ended.
    """

    write_every_s: float = 1.0
    most_ahead: int = 450
    session_timeout_s: float = 6.0
    recover_within_s: float = 120.0
    stop_within_s: float = 8.0
    stall_share: float = 0.8
    idle_limit_s: float = 60.0

    @classmethod
    def of(cls, kafka: Mapping[str, str]) -> Self:
        """With what the deployment says in librdkafka's terms."""
        session_ms = kafka.get("session_timeout_ms")
        return cls() if session_ms is None else cls(session_timeout_s=float(session_ms) / 1000.0)
