"""One turn of the transactional loop: read, handle, commit; and what follows when that fails.

Knows the broker only by its two ports, so that every failure at every point is tested without one.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

import structlog

from winnow.runtime.dead_letters import DeadLetterLimit
from winnow.runtime.errors import RestartNeeded, TransientError, UsageError
from winnow.runtime.messages import Assignment, Commit, Handler, Incoming, Outgoing, Partition
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.positions import Positions
from winnow.runtime.recovery import BatchRecovery, Next, Remedy, TransactionAborted
from winnow.runtime.stall import StallCheck

_log = structlog.get_logger(__name__)


class Reader(Protocol):
    """The consuming side; `group_member.GroupMember` is the real one."""

    positions: Positions

    def take(self, at_most: int, wait_s: float) -> Sequence[Incoming]: ...
    def changed(self) -> Assignment | None: ...
    def rewind(self) -> None: ...
    def group(self) -> Any: ...


class Writer(Protocol):
    """The producing side; `transactions.Transactions` is the real one."""

    def run(
        self,
        outgoing: Sequence[Outgoing],
        commits: Mapping[Partition, Commit],
        group: Callable[[], Any],
        stalled: Callable[[], bool],
    ) -> None: ...
    def serve(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """All that a cycle knows of the world. `watched(limit_s)` ends the process when what is done inside takes longer,
    `wall` is what handlers are told, `steady` measures waits.
    """

    reader: Reader
    writer: Writer
    stall: StallCheck
    watched: Callable[[float], AbstractContextManager[None]]
    wall: Callable[[], float]
    steady: Callable[[], float]


class Cycle:
    """Drives a handler; a turn ends committed, or with everything since the last commit undone."""

    def __init__(self, handler: Handler, ports: Ports, policy: LoopPolicy, dead_letters_topic: str) -> None:
        self._handler = handler
        self._reader = ports.reader
        self._writer = ports.writer
        self._stall = ports.stall
        self._watched = ports.watched
        self._wall = ports.wall
        self._steady = ports.steady
        self._policy = policy
        self._dead_letters_topic = dead_letters_topic
        self._limit = DeadLetterLimit(policy.dead_share, policy.dead_window, policy.dead_at_least)
        self._recovery = BatchRecovery(policy)
        self._assigned = False
        self._last_handled = ports.steady()

    def turn(self) -> float:
        """One turn; seconds to wait before the next one."""
        try:
            self._read_handle_commit()
        except TransientError as error:
            _log.warning("waiting for something that does not answer", error=str(error))
            return self._undo(self._recovery.must_wait())
        except TransactionAborted as error:
            _log.warning("transaction aborted", reason=str(error))
            return self._undo(self._recovery.aborted())
        return 0.0

    def _read_handle_commit(self) -> None:
        self._stall.looking(self._steady())
        batch = self._reader.take(self._policy.batch_size, self._wait_s())
        self._writer.serve()
        if (assignment := self._reader.changed()) is not None:
            self._handler.assigned(assignment)
            self._assigned = True
        if batch or (self._assigned and self._tick_in_s() <= 0):
            with _Position(batch):
                self._handle(batch)

    def _handle(self, batch: Sequence[Incoming]) -> None:
        outgoing = self._handler.handle(batch, self._wall())
        dead = self._dead_among(outgoing, len(batch))
        positions = self._reader.positions
        commits = positions.to_commit(self._handler.commits(positions.next_offsets))
        if outgoing or commits:
            with self._watched(self._policy.transaction_s + self._policy.abort_s):
                self._writer.run(outgoing, commits, self._reader.group, self._stalled)
        positions.commit(commits)
        self._limit.count(len(batch), dead)
        self._recovery.committed()
        self._last_handled = self._steady()
        self._handler.committed()

    def _stalled(self) -> bool:
        return self._stall.stalled(self._steady())

    def _dead_among(self, outgoing: Sequence[Outgoing], handled: int) -> int:
        dead = [message[0] for message in outgoing].count(self._dead_letters_topic)
        if self._limit.would_exceed(handled, dead):
            raise UsageError(
                f"too many messages break their contract (see {self._dead_letters_topic}): "
                "mend the producer, or the task file that does not fit it, and start again"
            )
        return dead

    def _undo(self, following: Next) -> float:
        if following.remedy is Remedy.RESTART:
            raise RestartNeeded("transactions are aborted again and again")
        self._handler.aborted()
        self._reader.rewind()
        return following.after_s

    def _wait_s(self) -> float:
        return max(0.0, min(self._policy.max_wait_s, self._tick_in_s()))

    def _tick_in_s(self) -> float:
        return self._last_handled + self._policy.tick_s - self._steady()


class _Position:
    """Tells whoever logs a crash which messages were being handled."""

    def __init__(self, batch: Sequence[Incoming]) -> None:
        self._batch = batch

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._batch:
            first, last = self._batch[0], self._batch[-1]
            where = (f"{m.topic}/{m.partition}/{m.offset}" for m in (first, last))
            error.add_note(f"while handling {len(self._batch)} messages from {' to '.join(where)}")
