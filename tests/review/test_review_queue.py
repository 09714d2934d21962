"""The queue in Redis: what its scripts promise, on a real server."""

import threading
import time
from datetime import timedelta

import pytest
import redis
from tests.review.review_messages import NOON
from tests.support.redis_server import RedisServer
from tests.support.waiting import eventually

from winnow.core.sketch import SKETCH_BYTES
from winnow.review.answers import AnswerRule
from winnow.review.open_requests import OpenRequest, OpenRequests
from winnow.review.ports import Hidden, Shown
from winnow.review.queue_entries import Entry
from winnow.review.queue_feed import RedisFeed
from winnow.review.redis_queue import Lease, RedisQueue

LONG = timedelta(minutes=5)
SHORT = timedelta(milliseconds=150)


def entry(number: int, *, place: float = 0.0, wanted: int = 1, **more: object) -> Entry:
    return Entry(f"stream/0/{number}", f"record-{number}", 0, number, place, wanted, **more)  # type: ignore[arg-type]


def fill(queue: RedisQueue, *entries: Entry) -> None:
    queue.put((each, None) for each in entries)


def ids(leases: list[Lease]) -> list[str]:
    return [lease.request_id for lease in leases]


@pytest.fixture
def client(redis_url: str) -> redis.Redis:
    return redis.Redis.from_url(redis_url)


@pytest.fixture
def queue(client: redis.Redis, prefix: str) -> RedisQueue:
    return RedisQueue(client, prefix, LONG)


@pytest.fixture
def hasty(client: redis.Redis, prefix: str) -> RedisQueue:
    """The same queue with leases that lapse at once."""
    return RedisQueue(client, prefix, SHORT)


def test_the_first_in_line_comes_first(queue: RedisQueue) -> None:
    fill(queue, entry(1, place=-3.5), entry(2, place=-1.25), entry(3, place=-2))
    leases = queue.next("ada", 2)
    assert ids(leases) == ["stream/0/2", "stream/0/3"]
    assert (leases[0].record_id, leases[0].partition, leases[0].offset) == ("record-2", 0, 2)


def test_no_request_is_given_to_two(queue: RedisQueue) -> None:
    fill(queue, *(entry(number) for number in range(300)))
    taken: dict[str, list[str]] = {name: [] for name in ("ada", "ben", "eve", "kim")}

    def work(name: str) -> None:
        while leases := queue.next(name, 3):
            taken[name] += ids(leases)

    threads = [threading.Thread(target=work, args=(name,)) for name in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    everything = [request for requests in taken.values() for request in requests]
    assert len(everything) == len(set(everything)) == 300


def test_two_answers_wanted_means_two_different_reviewers(queue: RedisQueue) -> None:
    fill(queue, entry(1, wanted=2))
    assert ids(queue.next("ada", 5)) == ["stream/0/1"]
    assert queue.next("ada", 5) == []
    assert ids(queue.next("ben", 5)) == ["stream/0/1"]
    assert queue.next("eve", 5) == []


def test_who_has_seen_it_is_not_asked_again(queue: RedisQueue) -> None:
    fill(queue, entry(1, seen_by=("ada",)), entry(2, place=-1))
    assert ids(queue.next("ada", 5)) == ["stream/0/2"]
    assert ids(queue.next("ben", 5)) == ["stream/0/1"]


def test_a_lease_that_lapsed_is_offered_again(hasty: RedisQueue) -> None:
    fill(hasty, entry(1))
    hasty.next("ada", 1)
    assert hasty.next("ben", 1) == []
    assert ids(eventually(lambda: hasty.next("ben", 1), within_s=5)) == ["stream/0/1"]
    assert hasty.hold("ada", "stream/0/1", "take") == "lost"


def test_what_lapsed_comes_before_all_that_was_never_given_out(hasty: RedisQueue) -> None:
    fill(hasty, entry(1, place=-5), entry(2, place=-5, kind="check", line=""), entry(3, place=-5))
    lapsed = hasty.next("ada", 3)
    fill(hasty, *(entry(number) for number in range(4, 200)))
    eventually(lambda: not hasty.counts().leased, within_s=5)
    assert sorted(ids(hasty.next("ben", 3))) == sorted(ids(lapsed))
    eventually(lambda: not hasty.counts().leased, within_s=5)
    assert sorted(ids(hasty.next("eve", 3))) == sorted(ids(lapsed)), "and again"


def test_a_near_duplicate_whose_lease_lapsed_waits_for_nobody(hasty: RedisQueue) -> None:
    alike = {"sketch": b"\x55" * SKETCH_BYTES}
    fill(hasty, entry(1, place=1, **alike), entry(2, **alike))
    assert ids(hasty.next("ada", 2)) == ["stream/0/1"]
    hasty.remove(0, ["stream/0/1"])
    assert ids(hasty.next("ada", 2)) == ["stream/0/2"], "it came back when there was nothing else"
    fill(hasty, entry(3, place=5))
    eventually(lambda: not hasty.counts().leased, within_s=5)
    assert ids(hasty.next("ben", 1)) == ["stream/0/2"], "now it comes before all others"


def test_a_lease_can_be_kept_and_released(queue: RedisQueue, hasty: RedisQueue) -> None:
    fill(queue, entry(1))
    first = hasty.next("ada", 1)[0]
    kept = queue.hold("ada", "stream/0/1", "keep")
    assert isinstance(kept, Lease)
    assert kept.lapses_at > first.lapses_at + 200
    assert queue.release("ben", ["stream/0/1"]) == 0
    assert queue.release("ada", ["stream/0/1", "stream/0/9"]) == 1
    assert queue.hold("ada", "stream/0/1", "keep") == "lost"
    assert ids(queue.next("ben", 1)) == ["stream/0/1"]


def test_an_answer_may_use_a_lapsed_lease_that_nobody_took(hasty: RedisQueue, queue: RedisQueue) -> None:
    fill(hasty, entry(1))
    lease = hasty.next("ada", 1)[0]
    eventually(lambda: time.time() > lease.lapses_at, within_s=5)
    answered = queue.hold("ada", "stream/0/1", "take")
    assert isinstance(answered, Lease)
    assert answered.lapses_at > lease.lapses_at
    assert queue.next("ben", 1) == []


def test_answering_what_is_closed_another_s_or_unknown(queue: RedisQueue) -> None:
    fill(queue, entry(1, place=1), entry(2))
    queue.next("ada", 1)
    queue.remove(0, ["stream/0/1"])
    queue.next("ben", 1)
    assert queue.hold("ada", "stream/0/1", "take") == "closed"
    assert queue.hold("ada", "stream/0/2", "take") == "lost"
    assert queue.hold("ada", "stream/0/3", "take") == "unknown"
    assert [queue.partition_of(f"stream/0/{number}") for number in (1, 2, 3)] == [0, 0, None]


def test_what_changes_keeps_its_leases_but_that_of_who_is_done(queue: RedisQueue) -> None:
    fill(queue, entry(1, wanted=2))
    queue.next("ada", 1)
    queue.next("ben", 1)
    queue.put([(entry(1, wanted=1, seen_by=("ada",)), "ada")])
    assert queue.next("eve", 1) == []
    assert isinstance(queue.hold("ben", "stream/0/1", "keep"), Lease)


def test_a_reserved_request_is_kept_for_its_reviewer_for_one_lease(hasty: RedisQueue) -> None:
    fill(hasty, entry(1, reserved_for="ada"))
    assert hasty.next("ben", 1) == []
    assert ids(eventually(lambda: hasty.next("ben", 1), within_s=5)) == ["stream/0/1"]
    fill(hasty, entry(2, reserved_for="ada"))
    assert ids(hasty.next("ada", 1)) == ["stream/0/2"]


def test_the_counts_take_nothing(queue: RedisQueue) -> None:
    fill(queue, entry(1), entry(2), entry(3))
    queue.next("ada", 1)
    counts = queue.counts()
    assert (counts.open, counts.leased, counts.waiting) == (3, 1, 2)
    assert len(queue.next("ben", 5)) == 2


def test_an_answer_is_remembered_for_its_reviewer_only(queue: RedisQueue) -> None:
    queue.note_answered("ada", "r1")
    assert queue.was_answered("ada", "r1")
    assert not queue.was_answered("ben", "r1")


def table(*numbers: int) -> OpenRequests:
    requests = OpenRequests(0)
    for number in numbers:
        names = f"stream/0/{number}", f"record-{number}"
        requests.add(OpenRequest(*names, 0, number, 0.0, False, 1e12, 0.0, NOON))
    return requests


@pytest.fixture
def feed(queue: RedisQueue) -> RedisFeed:
    return RedisFeed(queue, AnswerRule(1, 3))


def test_a_new_worker_makes_the_queue_equal_to_what_is_open(queue: RedisQueue, feed: RedisFeed) -> None:
    fill(queue, entry(1, place=1), entry(2))
    queue.next("ada", 1)
    feed.replace({0: table(1, 3)})
    feed.tick(0.0)
    assert queue.ids(0) == {"stream/0/1", "stream/0/3"}
    assert feed.is_level
    assert queue.is_whole(1)
    assert queue.counts().leased == 1, "a lease outlives the worker"


def test_a_flushed_redis_is_noticed_within_a_second_and_filled_again(
    client: redis.Redis, queue: RedisQueue, feed: RedisFeed
) -> None:
    feed.replace({0: table(*range(5_000))})
    for tick in range(4):
        feed.tick(tick / 100)
    assert queue.is_whole(1)
    client.flushall()
    assert not queue.is_whole(1)
    feed.publish([Shown(next(iter(table(7))))])
    for tick in range(4):
        feed.tick(1.0 + tick / 100)
    assert len(queue.ids(0)) == 5_000
    assert queue.is_whole(1)


def test_a_redis_flushed_while_it_is_filled_is_filled_from_the_beginning(
    client: redis.Redis, queue: RedisQueue, feed: RedisFeed
) -> None:
    feed.replace({0: table(*range(5_000))})
    feed.tick(0.0)
    client.flushall()
    tick = 0
    while not feed.is_level:
        tick += 1
        feed.tick(tick / 100)
    assert len(queue.ids(0)) == 5_000


def test_the_loop_goes_on_without_redis_and_fills_it_when_it_is_back(
    redis_server: RedisServer, redis_url: str, prefix: str, feed: RedisFeed
) -> None:
    requests = table(1, 2)
    feed.replace({0: requests})
    feed.tick(0.0)
    redis_server.kill()
    feed.publish([Hidden(0, "stream/0/1")])
    assert not feed.is_level
    requests.close(next(iter(requests)))
    feed.tick(1.0)
    redis_server.start()
    feed.tick(2.0)
    assert RedisQueue(redis.Redis.from_url(redis_url), prefix, LONG).ids(0) == {"stream/0/2"}
    assert feed.is_level
