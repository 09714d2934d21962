"""The smallest service: copies what it reads, and remembers how it was driven."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from winnow.runtime.messages import Assignment, Commit, Incoming, Outgoing, Partition

STOP_HERE = b"stop here"


class CopyHandler:
    """Copies to `target`, with `note` in every commit."""

    def __init__(self, target: str, note: str = "") -> None:
        self._target = target
        self._note = note
        self.assignments: list[Assignment] = []
        self.events: list[str] = []
        self.handled: list[Incoming] = []
        self.ticks = 0
        self.kept: list[bytes | None] = []
        self._since: list[bytes | None] = []

    def assigned(self, assignment: Assignment) -> None:
        self.events.append("assigned")
        self.assignments.append(assignment)

    def handle(self, batch: Sequence[Incoming], now: float) -> Sequence[Outgoing]:
        self.events.append("handle")
        self.ticks += not batch
        self.handled += batch
        self._since += [message.value for message in batch]
        return [Outgoing(self._target, m.value, m.key, headers=m.headers) for m in batch]

    def commits(self, positions: Mapping[Partition, int]) -> Mapping[Partition, Commit]:
        return {partition: Commit(offset, self._note) for partition, offset in positions.items()}

    def committed(self) -> None:
        self.events.append("committed")
        self.kept += self._since
        self._since = []

    def aborted(self) -> None:
        self.events.append("aborted")
        self._since = []


class SlowCopyHandler(CopyHandler):
    """Takes its time for each batch, and stops its own process (SIGSTOP) once when it is told to.

    `stop_once` is a file: while it is not there, a batch with the message STOP_HERE creates it and
    stops the process between handling and committing.
    """

    def __init__(self, target: str, pace_s: float, stop_once: Path | None) -> None:
        super().__init__(target)
        self._pace_s = pace_s
        self._stop_once = stop_once

    def handle(self, batch: Sequence[Incoming], now: float) -> Sequence[Outgoing]:
        time.sleep(self._pace_s)
        outgoing = super().handle(batch, now)
        if self._stop_once and any(m.value == STOP_HERE for m in batch) and not self._stop_once.exists():
            self._stop_once.touch()
            os.kill(os.getpid(), signal.SIGSTOP)
        return outgoing
