"""Decides what follows a failure in or around a transaction. Pure: it is told the time."""

from dataclasses import dataclass
from enum import Enum, auto

from winnow.runtime.error_kinds import ErrorKind
from winnow.runtime.policy import LoopPolicy


class TransactionAborted(Exception):
    """Nothing of the transaction is visible; the same may be read and tried again."""


class Remedy(Enum):
    """Call again; abort and read again from the last commit; or let a new process do it."""

    RETRY = auto()
    ABORT = auto()
    RESTART = auto()


@dataclass(frozen=True, slots=True)
class Next:
    """The remedy, and the seconds to wait before it."""

    remedy: Remedy
    after_s: float = 0.0


_RESTART = Next(Remedy.RESTART)
_ABORT = Next(Remedy.ABORT)


class TransactionRecovery:
    """Promises that no transaction is worked on for longer than the policy allows, and that a
    producer whose state is unknown (fenced, timed out, unheard-of error) is never used again.
    """

    def __init__(self, policy: LoopPolicy) -> None:
        self._policy = policy
        self._deadline = 0.0
        self._tries = 0

    def began(self, now: float) -> None:
        """A transaction starts."""
        self._deadline = now + self._policy.transaction_s
        self._tries = 0

    def aborts(self, now: float) -> None:
        """Its abort starts."""
        self._deadline = now + self._policy.abort_s
        self._tries = 0

    def left_s(self, now: float) -> float:
        """Seconds that the calls of this transaction may still take; always a little."""
        return max(0.001, self._deadline - now)

    def failed(self, kind: ErrorKind, now: float) -> Next:
        """A call failed."""
        if kind is ErrorKind.RETRIABLE:
            return self._again(now)
        return _ABORT if kind is ErrorKind.ABORTABLE else _RESTART

    def refused(self, kind: ErrorKind) -> Next:
        """The client would not take a message: for what it is, or because the transaction is broken already."""
        return _RESTART if kind in (ErrorKind.FENCED, ErrorKind.FATAL) else _ABORT

    def _again(self, now: float) -> Next:
        self._tries += 1
        wait = self._policy.retries.before(self._tries)
        return Next(Remedy.RETRY, wait) if now + wait < self._deadline else _RESTART


class BatchRecovery:
    """When to read the same batch again after it was undone."""

    def __init__(self, policy: LoopPolicy) -> None:
        self._policy = policy
        self._aborts = 0
        self._waits = 0

    def aborted(self) -> Next:
        """Its transaction was aborted: again soon, unless that happened too often."""
        self._aborts += 1
        if self._aborts > self._policy.aborts_in_a_row:
            return _RESTART
        return Next(Remedy.RETRY, self._policy.rereads.before(self._aborts))

    def must_wait(self) -> Next:
        """Something outside Kafka does not answer: that may take as long as it takes."""
        self._waits += 1
        return Next(Remedy.RETRY, self._policy.rereads.before(self._waits))

    def committed(self) -> None:
        """All is well again."""
        self._aborts = self._waits = 0
