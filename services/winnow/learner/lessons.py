"""The learner's loop: read, learn, publish what is due in one transaction."""

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from winnow.learner.handler import LearnerHandler
from winnow.learner.verdict_reader import VerdictReader
from winnow.runtime.errors import RestartNeeded
from winnow.runtime.messages import Outgoing
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.recovery import BatchRecovery, Remedy, TransactionAborted
from winnow.runtime.stall import StallCheck
from winnow.runtime.steady_clock import steady_now
from winnow.runtime.transactions import Transactions
from winnow.runtime.watchdog import Watchdog

_log = structlog.get_logger(__name__)


class Lessons:
    """No offsets are committed: how far a model has learned stands inside its snapshot."""

    def __init__(
        self,
        reader: VerdictReader,
        handler: LearnerHandler,
        transactions: Transactions,
        policy: LoopPolicy,
        caught_up: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._handler = handler
        self._transactions = transactions
        self._policy = policy
        self._caught_up = caught_up
        self._recovery = BatchRecovery(policy)

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set; what is not published by then is learned again after a restart."""
        stall = StallCheck(self._policy.watchdog_s, steady_now())
        with Watchdog(self._policy.watchdog_s, stall) as watchdog:
            while not stop.is_set():
                watchdog.progress()
                self._handler.learn(self._reader.take(), time.time())
                if outgoing := self._handler.due(time.time()):
                    stop.wait(self._write(outgoing))
                self._transactions.serve()
                if self._reader.caught_up:
                    self._caught_up()

    def _write(self, outgoing: Sequence[Outgoing]) -> float:
        """Seconds to wait before the next try."""
        try:
            self._transactions.run(outgoing, {}, lambda: None, lambda: False)
        except TransactionAborted as error:
            _log.warning("transaction aborted", reason=str(error))
            self._handler.aborted()
            following = self._recovery.aborted()
            if following.remedy is Remedy.RESTART:
                raise RestartNeeded("transactions are aborted again and again") from None
            return following.after_s
        self._recovery.committed()
        self._handler.committed()
        return 0.0
