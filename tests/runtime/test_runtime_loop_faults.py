"""What the loop promises when things break: processes killed and stopped, a broker killed, a twin on its slot."""

import os
import random
import signal
import threading
import time
from collections import Counter

import pytest
from tests.conftest import MakeSettings
from tests.support.brokers import Cluster
from tests.support.copy_handler import STOP_HERE, CopyHandler
from tests.support.kafka_topics import Tail, fill, make_topic, read_all, values
from tests.support.running_loop import RunningLoop
from tests.support.waiting import eventually
from tests.support.worker_processes import Workers

from winnow.runtime.errors import RestartNeeded
from winnow.runtime.loop import LoopPolicy, TransactionalLoop
from winnow.runtime.messages import Commit, Outgoing, Partition
from winnow.runtime.recovery import TransactionAborted
from winnow.runtime.transactions import Transactions

pytestmark = pytest.mark.kafka

QUICK = LoopPolicy(max_wait_s=0.02, tick_s=0.1)


class Copying:
    """Worker processes that copy one topic to another."""

    def __init__(self, cluster: Cluster, prefix: str, make_settings: MakeSettings, directory) -> None:
        self.bootstrap = cluster.bootstrap
        self.source = make_topic(cluster.bootstrap, f"{prefix}.source", 4)
        self.target = make_topic(cluster.bootstrap, f"{prefix}.target", 4)
        self.settings = make_settings()
        self._directory = directory

    def workers(self, pace_s: float, *stop_once: str) -> Workers:
        arguments = [self.source, self.target, str(pace_s), *stop_once]
        return Workers(self.settings, self._directory, "tests.support.copy_worker", arguments)

    def fill(self, count: int) -> list[bytes]:
        sent = [b"%d" % number for number in range(count)]
        fill(self.bootstrap, self.source, sent)
        return sent

    def tail(self) -> Tail:
        return Tail(self.bootstrap, self.target)

    def copied(self) -> Counter[bytes]:
        return Counter(values(read_all(self.bootstrap, self.target)))


@pytest.fixture
def copying(cluster, prefix, make_settings, tmp_path) -> Copying:
    return Copying(cluster, prefix, make_settings, tmp_path)


def test_kill_9_of_workers_under_load_loses_and_doubles_nothing(copying):
    sent, dice, tail = copying.fill(10_000), random.Random(1), copying.tail()
    with copying.workers(0.02) as workers:
        for slot in "01":
            workers.start(slot)
        for kill in range(1, 6):
            eventually(lambda goal=kill * 1500: tail.has(goal), within_s=60, what="progress")
            slot = dice.choice("01")
            workers.kill(slot)
            workers.start(slot)
        eventually(lambda: tail.has(len(sent)), within_s=90, what="the end of the copy")

    assert copying.copied() == Counter(sent)


def test_a_stopped_worker_that_wakes_up_after_its_session_does_not_commit(copying, tmp_path):
    # Not on the embedded broker: it fences no generation of a group, and readers see what was aborted.
    stopped, tail = tmp_path / "stopped", copying.tail()
    with copying.workers(0.0, str(stopped)) as workers:
        workers.start("0")
        eventually(lambda: "partitions assigned" in workers.log_file("0").read_text())
        sent = copying.fill(200)
        fill(copying.bootstrap, copying.source, [STOP_HERE])
        eventually(stopped.exists)
        workers.start("1")
        eventually(lambda: tail.has(len(sent) + 1), within_s=60, what="the other worker's copy")
        workers.signal("0", signal.SIGCONT)
        eventually(lambda: "aborted" in workers.log_file("0").read_text(), what="the abort")
        eventually(lambda: workers.start_the_ended() or "partitions lost" in workers.log_file("0").read_text())

    assert copying.copied() == Counter([*sent, STOP_HERE])


def test_a_broker_killed_and_started_again_loses_and_doubles_nothing(copying, kafka_broker):
    if kafka_broker.bootstrap != copying.bootstrap:
        pytest.skip("this test's broker may not be killed")
    sent, tail = copying.fill(4000), copying.tail()
    with copying.workers(0.02) as workers:

        def all_copied():
            workers.start_the_ended()
            return tail.has(len(sent))

        for slot in "01":
            workers.start(slot)
        eventually(lambda: tail.has(500), within_s=60)
        kafka_broker.kill()
        kafka_broker.start()
        eventually(all_copied, within_s=90, what="the end of the copy")

    assert copying.copied() == Counter(sent)


def test_sigterm_finishes_the_batch_and_ends_with_0_and_a_second_one_does_not_hurt(copying):
    sent, tail = copying.fill(3000), copying.tail()
    with copying.workers(0.05) as workers:
        workers.start("0")
        eventually(lambda: tail.has(100), within_s=60)
        began = time.monotonic()
        workers.signal("0", signal.SIGTERM)
        workers.signal("0", signal.SIGTERM)
        assert workers.wait("0", within_s=10) == 0
        assert time.monotonic() - began <= 10
        workers.start("0")
        eventually(lambda: tail.has(len(sent)), within_s=60)

    assert copying.copied() == Counter(sent)


def test_a_twin_on_the_same_slot_fences_the_first_which_asks_for_a_restart(copying):
    copying.fill(100)
    first, second = CopyHandler(copying.target), CopyHandler(copying.target)

    def loop(handler):
        return RunningLoop(TransactionalLoop(copying.settings, [copying.source], "copier", "0", handler, QUICK))

    with loop(first) as one:
        eventually(lambda: len(first.kept) == 100)
        with loop(second):
            eventually(lambda: second.assignments, within_s=60)
            eventually(lambda: copying.fill(20) and not one.is_running, within_s=60, what="the first one's end")
            assert isinstance(one.error, RestartNeeded)
            eventually(lambda: len(copying.copied()) == 100 and sum(copying.copied().values()) % 20 == 0)


def test_an_aborted_transaction_is_invisible_and_the_next_one_is_not_hindered(copying):
    config = copying.settings.producer_config(f"{copying.settings.prefix}.direct")
    transactions = Transactions(config, LoopPolicy())
    transactions.open(threading.Event())

    def sent_and_stalled() -> bool:
        return transactions._producer.flush(30) == 0

    with pytest.raises(TransactionAborted, match="stopped"):
        transactions.run([Outgoing(copying.target, b"undone")], {}, group=None, stalled=sent_and_stalled)
    transactions.run([Outgoing(copying.target, b"done")], {}, group=None, stalled=lambda: False)

    assert copying.copied() == Counter([b"done"])
    assert Counter(values(read_all(copying.bootstrap, copying.target, "read_uncommitted")))[b"undone"] == 1


def test_a_message_that_the_broker_refuses_every_time_ends_in_a_restart_and_not_in_a_commit(copying, prefix):
    small = make_topic(copying.bootstrap, f"{prefix}.small", 1, {"max.message.bytes": "1000"})
    source = make_topic(copying.bootstrap, f"{prefix}.large")
    fill(copying.bootstrap, source, [os.urandom(5000)])
    handler = CopyHandler(small)
    policy = LoopPolicy(max_wait_s=0.02, aborts_in_a_row=2)
    with RunningLoop(TransactionalLoop(copying.settings, [source], "copier", "0", handler, policy)) as loop:
        assert isinstance(loop.ended(), RestartNeeded)

    assert handler.events.count("aborted") == 2
    assert not handler.kept
    assert not read_all(copying.bootstrap, small)


def test_the_note_of_a_commit_comes_back_with_the_next_assignment(copying):
    copying.fill(50)
    first, second = CopyHandler(copying.target, note="rebuild from 17"), CopyHandler(copying.target)
    for handler in (first, second):
        loop = TransactionalLoop(copying.settings, [copying.source], "copier", "0", handler, QUICK)
        with RunningLoop(loop) as running:
            eventually(lambda h=handler: h.assignments)
            eventually(lambda: len(first.kept) == 50)
            running.finish()

    notes = {partition: commit.metadata for partition, commit in second.assignments[0].start.items()}
    assert notes == {Partition(copying.source, number): "rebuild from 17" for number in range(4)}
    assert Commit(0, "") in first.assignments[0].start.values()
