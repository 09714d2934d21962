"""What the loop promises on any broker: the same tests on a real Kafka and on the embedded one."""

import pytest
from tests.conftest import MakeSettings
from tests.support.brokers import Cluster
from tests.support.copy_handler import CopyHandler
from tests.support.kafka_topics import fill, make_topic, read_all, values
from tests.support.running_loop import RunningLoop
from tests.support.waiting import eventually

from winnow.runtime.errors import TransientError, UsageError
from winnow.runtime.loop import LoopPolicy, TransactionalLoop
from winnow.runtime.messages import Outgoing

pytestmark = pytest.mark.parametrize("cluster", ["kafka", "embedded"], indirect=True)

QUICK = LoopPolicy(max_wait_s=0.02, tick_s=0.1)


class Pipe:
    """A source and a target of one test, and loops between them."""

    def __init__(self, cluster: Cluster, prefix: str, make_settings: MakeSettings) -> None:
        self.bootstrap = cluster.bootstrap
        self.source = make_topic(cluster.bootstrap, f"{prefix}.source", 4)
        self.target = make_topic(cluster.bootstrap, f"{prefix}.target", 4)
        self._make_settings = make_settings

    def loop(self, handler: CopyHandler, slot: str = "0", policy: LoopPolicy = QUICK) -> RunningLoop:
        settings = self._make_settings()
        return RunningLoop(TransactionalLoop(settings, [self.source], "copier", slot, handler, policy))

    def fill(self, numbers: range) -> None:
        fill(self.bootstrap, self.source, (b"%d" % number for number in numbers))

    def copied(self) -> list[int]:
        return sorted(int(value) for value in values(read_all(self.bootstrap, self.target)))


@pytest.fixture
def pipe(cluster: Cluster, prefix: str, make_settings: MakeSettings) -> Pipe:
    return Pipe(cluster, prefix, make_settings)


def test_every_record_is_copied_once_and_a_successor_goes_on_where_the_first_ended(pipe):
    pipe.fill(range(2000))
    first, second = CopyHandler(pipe.target), CopyHandler(pipe.target)
    with pipe.loop(first) as loop:
        eventually(lambda: len(first.kept) == 2000)
        loop.finish()
    pipe.fill(range(2000, 3000))
    with pipe.loop(second) as loop:
        eventually(lambda: len(second.kept) == 1000)
        loop.finish()

    assert pipe.copied() == list(range(3000))
    assert sum(commit.offset for commit in second.assignments[0].start.values()) == 2000


def test_partitions_are_shared_with_a_second_worker_and_each_hears_its_complete_assignment(pipe):
    pipe.fill(range(1000))
    first, second = CopyHandler(pipe.target), CopyHandler(pipe.target)
    with pipe.loop(first, "0") as one:
        eventually(lambda: len(first.kept) == 1000)
        with pipe.loop(second, "1") as two:
            eventually(lambda: second.assignments and len(second.assignments[-1].start) == 2, within_s=60)
            pipe.fill(range(1000, 2000))
            eventually(lambda: len(first.kept) + len(second.kept) == 2000)
            assert len(first.assignments[-1].start) == 2
            two.finish()
        eventually(lambda: len(first.assignments[-1].start) == 4, within_s=60)
        one.finish()

    assert pipe.copied() == list(range(2000))
    assert second.kept


def test_with_range_everything_is_taken_away_at_once_and_shared_anew(pipe):
    policy = LoopPolicy(max_wait_s=0.02, tick_s=0.1, assignment_strategy="range")
    first, second = CopyHandler(pipe.target), CopyHandler(pipe.target)
    with pipe.loop(first, "0", policy):
        eventually(lambda: first.assignments and len(first.assignments[-1].start) == 4)
        with pipe.loop(second, "1", policy):
            eventually(lambda: second.assignments and len(second.assignments[-1].start) == 2, within_s=60)
            pipe.fill(range(500))
            eventually(lambda: len(first.kept) + len(second.kept) == 500)
            numbers = [sorted(p.number for p in h.assignments[-1].start) for h in (first, second)]

    assert sorted(numbers) == [[0, 1], [2, 3]]
    assert pipe.copied() == list(range(500))


def test_a_transient_error_undoes_the_batch_which_comes_again_once_it_has_passed(pipe):
    class Moody(CopyHandler):
        refusals = 3

        def handle(self, batch, now):
            outgoing = super().handle(batch, now)
            if batch and self.refusals:
                self.refusals -= 1
                raise TransientError("not now")
            return outgoing

    pipe.fill(range(100))
    handler = Moody(pipe.target)
    with pipe.loop(handler) as loop:
        eventually(lambda: len(handler.kept) == 100)
        loop.finish()

    assert pipe.copied() == list(range(100))
    assert handler.events.count("aborted") == 3
    assert all(handler.events[i + 1] == "assigned" for i, event in enumerate(handler.events) if event == "aborted"), (
        "after an abort the handler is told where it stands"
    )


def test_without_messages_the_handler_gets_ticks_and_what_they_produce_is_committed(pipe):
    class Ticking(CopyHandler):
        def handle(self, batch, now):
            super().handle(batch, now)
            return [Outgoing(pipe.target, b"%d" % self.ticks)]

    handler = Ticking(pipe.target)
    with pipe.loop(handler) as loop:
        eventually(lambda: handler.ticks >= 3)
        loop.finish()

    assert pipe.copied()[:3] == [1, 2, 3]


def test_a_missing_topic_is_a_usage_error_that_says_what_to_do(pipe, make_settings):
    loop = TransactionalLoop(make_settings(), ["nowhere"], "copier", "0", CopyHandler(pipe.target), QUICK)
    with RunningLoop(loop) as running:
        error = running.ended()

    assert isinstance(error, UsageError)
    assert "nowhere" in str(error)
    assert "winnow topics create" in str(error)


def test_too_many_dead_letters_stop_the_loop_before_the_stream_is_dead_lettered(pipe, make_settings):
    dead_letters = make_topic(pipe.bootstrap, make_settings().topics["dead-letters"])
    handler = CopyHandler(dead_letters)
    pipe.fill(range(1000))
    with pipe.loop(handler, policy=LoopPolicy(batch_size=10, max_wait_s=0.02)) as loop:
        error = loop.ended()

    assert isinstance(error, UsageError)
    assert dead_letters in str(error)
    assert len(read_all(pipe.bootstrap, dead_letters)) == 90


def test_a_message_as_large_as_the_catalogue_allows_goes_through(pipe, make_settings, prefix):
    large = {"max.message.bytes": str(16 * 1024 * 1024)}
    source = make_topic(pipe.bootstrap, f"{prefix}.large-source", 1, large)
    target = make_topic(pipe.bootstrap, f"{prefix}.large-target", 1, large)
    fill(pipe.bootstrap, source, [b"x" * (15 * 1024 * 1024), b"small"])
    handler = CopyHandler(target)
    with RunningLoop(TransactionalLoop(make_settings(), [source], "copier", "0", handler, QUICK)) as loop:
        eventually(lambda: len(handler.kept) == 2)
        loop.finish()

    assert [len(value) for value in values(read_all(pipe.bootstrap, target))] == [15 * 1024 * 1024, 5]
