"""One cycle after another, with every failure at every point, and no broker."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.copy_handler import CopyHandler

from winnow.runtime.cycle import Cycle, Ports
from winnow.runtime.errors import RestartNeeded, TransientError, UsageError
from winnow.runtime.messages import Assignment, Commit, Incoming, Outgoing, Partition
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.positions import Positions
from winnow.runtime.recovery import TransactionAborted
from winnow.runtime.stall import StallCheck

SOURCE, TARGET, DEAD = "source", "target", "dead"
POLICY = LoopPolicy(batch_size=3, tick_s=10.0)


@dataclass
class FakeKafka:
    """Two partitions, their committed offsets, and what was committed to other topics."""

    log: dict[Partition, list[bytes]]
    offsets: dict[Partition, Commit] = field(default_factory=dict)
    produced: list[Outgoing] = field(default_factory=list)

    def start(self, partition: Partition) -> Commit:
        return self.offsets.get(partition, Commit(0))


class FakeReader:
    """Owns all partitions; `lose` makes it lose one and get it back, as a rebalance does."""

    def __init__(self, kafka: FakeKafka) -> None:
        self.positions = Positions()
        self._kafka = kafka
        self._cursor: dict[Partition, int] = {}
        self._changed = False
        self._assign(list(kafka.log))

    def lose(self) -> None:
        partition = next(iter(self._kafka.log))
        self.positions.revoke([partition])
        self._assign([partition])

    def take(self, at_most: int, wait_s: float) -> list[Incoming]:
        batch = []
        for partition, values in self._kafka.log.items():
            begin = self._cursor[partition]
            for offset in range(begin, min(begin + at_most - len(batch), len(values))):
                batch.append(Incoming(*partition, offset, None, values[offset], 0.0))
                self._cursor[partition] = offset + 1
        return self.positions.read(batch)

    def changed(self) -> Assignment | None:
        changed, self._changed = self._changed, False
        return self.positions.assignment if changed else None

    def rewind(self) -> None:
        self._assign(list(self._kafka.log))

    def group(self) -> Any:
        return "group"

    def _assign(self, partitions: list[Partition]) -> None:
        starts = {partition: self._kafka.start(partition) for partition in partitions}
        self._cursor |= {partition: commit.offset for partition, commit in starts.items()}
        self.positions.assign(starts)
        self._changed = True


class FakeWriter:
    """Commits all or nothing, or fails as the plan says; after the plan all goes well."""

    def __init__(self, kafka: FakeKafka, plan: deque[str]) -> None:
        self._kafka = kafka
        self._plan = plan

    def run(
        self,
        outgoing: Sequence[Outgoing],
        commits: Mapping[Partition, Commit],
        group: Callable[[], Any],
        stalled: Callable[[], bool],
    ) -> None:
        step = self._plan.popleft() if self._plan else "commit"
        if step == "abort" or stalled():
            raise TransactionAborted(step)
        if step != "fail":
            self._kafka.produced += outgoing
            self._kafka.offsets |= commits
        if step in {"fail", "commit unheard"}:
            raise RestartNeeded(step)

    def serve(self) -> None: ...


class MoodyHandler(CopyHandler):
    """Raises `TransientError` where the plan says so."""

    def __init__(self, plan: deque[str]) -> None:
        super().__init__(TARGET)
        self._plan = plan

    def _mood(self, where: str) -> None:
        if self._plan and self._plan[0] == where:
            self._plan.popleft()
            raise TransientError(where)

    def assigned(self, assignment: Assignment) -> None:
        self._mood("assigned fails")
        super().assigned(assignment)

    def handle(self, batch: Sequence[Incoming], now: float) -> Sequence[Outgoing]:
        self._mood("handle fails")
        return super().handle(batch, now)

    def committed(self) -> None:
        super().committed()
        self._mood("committed fails")


def unwatched(_limit_s: float) -> AbstractContextManager[None]:
    return nullcontext()


def a_cycle(
    kafka: FakeKafka, handler, plan=(), policy=POLICY, *, steady=lambda: 0.0, watched=unwatched
) -> tuple[Cycle, FakeReader]:
    reader = FakeReader(kafka)
    stall = StallCheck(8.0, steady())
    ports = Ports(reader, FakeWriter(kafka, deque(plan)), stall, watched, wall=lambda: 1.0, steady=steady)
    return Cycle(handler, ports, policy, DEAD), reader


def some_kafka(first: int, second: int) -> FakeKafka:
    counts = {0: first, 1: second}
    return FakeKafka({Partition(SOURCE, n): [b"%d/%d" % (n, o) for o in range(count)] for n, count in counts.items()})


STEPS = st.sampled_from(["commit", "abort", "fail", "commit unheard", "assigned fails", "handle fails", "lose"])


@given(st.integers(0, 12), st.integers(0, 12), st.lists(STEPS, max_size=25))
def test_whatever_fails_wherever_every_record_is_copied_once_and_in_order(first, second, steps):
    kafka = some_kafka(first, second)
    plan = deque(steps)
    while True:
        writes: deque[str] = deque()
        moods: deque[str] = deque()
        cycle, reader = a_cycle(kafka, MoodyHandler(moods))
        cycle._writer = FakeWriter(kafka, writes)
        try:
            for _ in range(60):
                step = plan.popleft() if plan else "commit"
                if step == "lose":
                    reader.lose()
                (moods if step.endswith("fails") else writes).append(step)
                cycle.turn()
                writes.clear()
                moods.clear()
            break
        except RestartNeeded:
            continue

    copied = [message.value for message in kafka.produced]
    for number, count in ((0, first), (1, second)):
        assert [v for v in copied if v.startswith(b"%d/" % number)] == [b"%d/%d" % (number, o) for o in range(count)]


def test_what_the_handler_keeps_is_what_was_committed():
    kafka = some_kafka(9, 0)
    handler = MoodyHandler(deque(["handle fails"]))
    cycle, _ = a_cycle(kafka, handler, ["commit", "abort", "commit", "abort"])
    for _ in range(10):
        cycle.turn()

    assert handler.kept == [b"0/%d" % offset for offset in range(9)]
    assert handler.events.count("aborted") == 3


def test_after_a_rebalance_the_handler_hears_of_all_partitions_where_they_were_committed_last():
    kafka = some_kafka(3, 3)
    handler = CopyHandler(TARGET)
    cycle, reader = a_cycle(kafka, handler, policy=LoopPolicy(batch_size=6))
    cycle.turn()
    reader.lose()
    cycle.turn()

    assert handler.assignments[-1].start == {Partition(SOURCE, 0): Commit(3), Partition(SOURCE, 1): Commit(3)}


def test_aborts_now_and_then_are_forgiven_and_aborts_in_a_row_are_not():
    policy = LoopPolicy(batch_size=1, aborts_in_a_row=2)
    cycle, _ = a_cycle(some_kafka(9, 0), CopyHandler(TARGET), ["abort", "commit"] * 9, policy)
    for _ in range(18):
        cycle.turn()

    cycle, _ = a_cycle(some_kafka(9, 0), CopyHandler(TARGET), ["abort"] * 3, policy)
    cycle.turn()
    cycle.turn()
    with pytest.raises(RestartNeeded):
        cycle.turn()


def test_a_failure_after_the_commit_undoes_nothing_that_was_committed():
    kafka = some_kafka(3, 0)
    handler = MoodyHandler(deque(["committed fails"]))
    cycle, _ = a_cycle(kafka, handler)
    for _ in range(3):
        cycle.turn()

    assert len(kafka.produced) == 3
    assert handler.events == ["assigned", "handle", "committed", "aborted", "assigned"]


def test_nothing_is_written_when_there_is_nothing_to_say():
    class Counting(FakeWriter):
        runs = 0

        def run(self, *arguments):
            self.runs += 1

    kafka, time = some_kafka(0, 0), [0.0]
    handler = CopyHandler(TARGET)
    cycle, _ = a_cycle(kafka, handler, steady=lambda: time[0])
    writer = cycle._writer = Counting(kafka, deque())
    for now in (0.0, 5.0, 10.0, 15.0, 20.0):
        time[0] = now
        cycle.turn()

    assert handler.ticks == 2
    assert handler.events.count("committed") == 2
    assert writer.runs == 0


def test_a_process_stopped_while_handling_aborts_rather_than_commits():
    time = [0.0]

    class Stopped(CopyHandler):
        def handle(self, batch, now):
            time[0] += 20.0 if not self.handled else 0.0
            return super().handle(batch, now)

    kafka = some_kafka(2, 0)
    handler = Stopped(TARGET)
    cycle, _ = a_cycle(kafka, handler, steady=lambda: time[0])
    assert cycle.turn() > 0
    assert kafka.produced == []

    cycle.turn()
    assert [message.value for message in kafka.produced] == [b"0/0", b"0/1"]


def test_a_transaction_is_watched_so_that_it_cannot_hang():
    kafka = some_kafka(1, 0)
    seen = []

    @contextmanager
    def watched(limit_s):
        seen.append((limit_s, len(kafka.produced)))
        yield
        seen.append((limit_s, len(kafka.produced)))

    a_cycle(kafka, CopyHandler(TARGET), watched=watched)[0].turn()

    limit_s = POLICY.transaction_s + POLICY.abort_s
    assert seen == [(limit_s, 0), (limit_s, 1)]


def test_a_crash_says_which_messages_were_being_handled():
    class Broken(CopyHandler):
        def handle(self, batch, now):
            raise KeyError("nobody planned this")

    cycle, _ = a_cycle(some_kafka(3, 0), Broken(TARGET))
    with pytest.raises(KeyError) as crash:
        cycle.turn()

    assert crash.value.__notes__ == ["while handling 3 messages from source/0/0 to source/0/2"]


def test_a_stream_of_dead_letters_stops_before_it_is_written():
    kafka = some_kafka(300, 0)
    cycle, _ = a_cycle(kafka, CopyHandler(DEAD))
    for _ in range(33):
        cycle.turn()
    with pytest.raises(UsageError, match="too many messages break their contract"):
        cycle.turn()

    assert len(kafka.produced) == 99
