"""A service's handler behind the real loop, one turn at a time, with the conductor's clock."""

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from tests.lockstep.waiting import promptly

from winnow.runtime.cycle import Cycle, Ports
from winnow.runtime.group_member import GroupMember
from winnow.runtime.messages import Handler, Incoming, Partition
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.settings import Settings
from winnow.runtime.stall import StallCheck
from winnow.runtime.steady_clock import steady_now
from winnow.runtime.transactions import Transactions

NEVER_S = 100 * 365 * 86_400.0


@dataclass
class Clock:
    """What time it is for all services; the conductor sets it."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Worker:
    """Group, transactions and turns are the service's own; only who says when, and the time, are not."""

    def __init__(  # noqa: PLR0917 - as the loop it stands for, and a clock
        self, settings: Settings, topics: Sequence[str], group: str, handler: Handler, policy: LoopPolicy, clock: Clock
    ) -> None:
        name, stop = f"{settings.prefix}.{group}", threading.Event()
        self._member = _Member(settings.consumer_config(name), topics, policy, stop)
        transactions = Transactions(settings.producer_config(f"{name}.{settings.slot}"), policy)
        stall = StallCheck(NEVER_S, steady_now())
        ports = Ports(self._member, transactions, stall, lambda _: nullcontext(), wall=clock, steady=steady_now)
        self._cycle = Cycle(handler, ports, policy, settings.topics["dead-letters"])
        transactions.open(stop)
        self._member.join()

    def expect(self, messages: int) -> None:
        """So many are there or on their way: the next turn shall have them all."""
        self._member.expected = messages

    def turn_until(self, condition: Callable[[], object], what: str) -> None:
        """One turn after the other; each is a transaction, or nothing."""

        def turned() -> object:
            if not condition():
                self._cycle.turn()
            return condition()

        promptly(turned, what)

    def committed(self, topic: str) -> int:
        """The next offset of the topic's one partition, as committed; -1 while it is not ours."""
        commit = self._member.positions.assignment.start.get(Partition(topic, 0))
        return -1 if commit is None else commit.offset

    def close(self) -> None:
        """Leave the group."""
        self._member.leave()


class _Member(GroupMember):
    """Waits for so many messages as are expected, and no longer."""

    expected = 1

    def take(self, at_most: int, wait_s: float) -> list[Incoming]:
        return super().take(min(at_most, self.expected), wait_s)
