"""The transactional loop: what a service consumes and produces goes through here, exactly once.

Batches are read, handled and committed one after another, so that between two reads nothing is
open: a partition that is taken away has been finished, and a lost one has nothing to undo.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from winnow.runtime.cycle import Cycle, Ports
from winnow.runtime.errors import StoppedWaiting
from winnow.runtime.group_member import GroupMember
from winnow.runtime.messages import Handler
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.settings import Settings
from winnow.runtime.stall import StallCheck
from winnow.runtime.steady_clock import steady_now
from winnow.runtime.transactions import Transactions
from winnow.runtime.watchdog import Watchdog

__all__ = ["LoopPolicy", "TransactionalLoop"]


class TransactionalLoop:
    """Reads `topics` (full names) as `group` and drives `handler`.

    The consumer group is `PREFIX.group`; `slot` is this worker's stable place in it: its transactional
    id is `PREFIX.group.slot`, so that a restarted worker ends what its predecessor left open. Two
    workers on one slot fence each other.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - one door for all services
        self,
        settings: Settings,
        topics: Sequence[str],
        group: str,
        slot: str,
        handler: Handler,
        policy: LoopPolicy,
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._group = f"{settings.prefix}.{group}"
        self._transactional_id = f"{self._group}.{slot}"
        self._handler = handler
        self._policy = policy

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set: then the batch is finished and the group left.

        Raises `UsageError` (a topic is missing, too many dead letters) and `RestartNeeded`.
        """
        transactions = Transactions(self._settings.producer_config(self._transactional_id), self._policy)
        member = GroupMember(self._settings.consumer_config(self._group), self._topics, self._policy, stop)
        stall = StallCheck(self._policy.session_share * member.session_s, steady_now())
        dead_letters = self._settings.topics["dead-letters"]
        watchdog = Watchdog(self._policy.watchdog_s, stall)
        ports = Ports(member, transactions, stall, watchdog.within, wall=time.time, steady=steady_now)
        cycle = Cycle(self._handler, ports, self._policy, dead_letters)
        with watchdog, _membership(member), suppress(StoppedWaiting):
            transactions.open(stop)
            member.join()
            while not stop.is_set():
                watchdog.progress()
                stop.wait(cycle.turn())


@contextmanager
def _membership(member: GroupMember) -> Iterator[None]:
    try:
        yield
    finally:
        member.leave()
