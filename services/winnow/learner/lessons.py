"""The learner's loop: read and learn, while what was due is sealed and written in another thread."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog

from winnow.learner.handler import LearnerHandler
from winnow.learner.issue import Issue
from winnow.learner.verdict_reader import VerdictReader
from winnow.runtime.errors import RestartNeeded
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.recovery import BatchRecovery, Remedy, TransactionAborted
from winnow.runtime.stall import StallCheck
from winnow.runtime.steady_clock import steady_now
from winnow.runtime.transactions import Transactions
from winnow.runtime.watchdog import Watchdog

_log = structlog.get_logger(__name__)
_LAST_WAIT_S = 1.0


class Lessons:
    """No offsets are committed: how far a model has learned stands inside its snapshot.

    One transaction is under way at a time. `caught_up` is called when all verdicts that were there are learned.
    """

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
        self._under_way: Future[None] | None = None
        self._given_at = 0.0
        self._not_before = 0.0

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set; what is not published even then is learned again after a restart."""
        stall = StallCheck(self._policy.watchdog_s, steady_now())
        with Watchdog(self._policy.watchdog_s, stall) as watchdog, ThreadPoolExecutor(1, "publisher") as publisher:
            while not stop.is_set():
                if self._under_way is None or steady_now() - self._given_at < self._policy.watchdog_s:
                    watchdog.progress()
                self._handler.learn(self._reader.take(), time.time())
                self._publish(publisher)
                if self._reader.caught_up:
                    self._caught_up()
            self._publish_last(publisher)

    def _publish(self, publisher: ThreadPoolExecutor) -> None:
        """Take note of what was written, then give what is due."""
        if self._under_way is not None and self._under_way.done():
            self._done(self._under_way)
        if self._under_way is None and steady_now() >= self._not_before:
            self._transactions.serve()
            self._give(publisher, self._handler.due(time.time()))

    def _publish_last(self, publisher: ThreadPoolExecutor) -> None:
        """As far as the broker lets us within the time that there is to leave."""
        if self._is_over(_LAST_WAIT_S):
            self._give(publisher, self._handler.last(time.time()))
            self._is_over(self._policy.transaction_s)

    def _is_over(self, within_s: float) -> bool:
        """Whether nothing is under way any more."""
        if self._under_way is not None and wait([self._under_way], within_s).done:
            self._done(self._under_way)
        return self._under_way is None

    def _give(self, publisher: ThreadPoolExecutor, issue: Issue | None) -> None:
        if issue is not None:
            self._given_at = steady_now()
            self._under_way = publisher.submit(self._write, issue)

    def _write(self, issue: Issue) -> None:
        self._transactions.run(issue.messages(), {}, lambda: None, lambda: False)

    def _done(self, written: Future[None]) -> None:
        self._under_way = None
        try:
            written.result()
        except TransactionAborted as error:
            _log.warning("transaction aborted", reason=str(error))
            self._handler.aborted()
            following = self._recovery.aborted()
            if following.remedy is Remedy.RESTART:
                raise RestartNeeded("transactions are aborted again and again") from None
            self._not_before = steady_now() + following.after_s
        else:
            self._recovery.committed()
            self._handler.committed()
