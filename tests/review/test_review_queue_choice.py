"""What the queue gives out when: near-duplicates, filters, pauses, and what it tells of itself."""

import random
from datetime import timedelta

import pytest
import redis

from winnow.core.choice import REMEMBERED
from winnow.core.sketch import SKETCH_BYTES, Sketcher
from winnow.review.queue_entries import BLIND_LINE, Entry, Filter, line_of, packed, unpacked
from winnow.review.queue_status import Pause
from winnow.review.redis_queue import RedisQueue
from winnow_schemas.task import InputSpec


@pytest.fixture
def queue(redis_url: str, prefix: str) -> RedisQueue:
    return RedisQueue(redis.Redis.from_url(redis_url), prefix, timedelta(minutes=5))


def entry(number: int, **more: object) -> Entry:
    fields: dict[str, object] = {"sketch": random.Random(number).randbytes(SKETCH_BYTES), "place": 0.0} | more
    names = f"stream/0/{number}", f"record-{number}"
    return Entry(*names, 0, number, wanted=1, **fields)  # type: ignore[arg-type]


def fill(queue: RedisQueue, *entries: Entry) -> None:
    queue.put((each, None) for each in entries)


def numbers(queue: RedisQueue, reviewer: str, count: int, only: Filter | None = None) -> list[int]:
    return [lease.offset for lease in queue.next(reviewer, count, only)]


def test_an_entry_comes_back_as_it_was_packed() -> None:
    full = entry(7, place=-1.5, kind="check", line=BLIND_LINE, seen_by=("ada", "ö"), reserved_for="ben", is_begun=True)
    for each in (full, entry(8, line=line_of("novel", "Spam, naïve"))):
        assert unpacked(each.request_id, packed(each)) == each


def test_near_duplicates_wait_for_the_first_ones_answer_and_come_last(queue: RedisQueue) -> None:
    same = random.Random(1).randbytes(SKETCH_BYTES)
    fill(queue, *(entry(number, place=10 - number, sketch=same) for number in range(4)), entry(9, place=-50))
    assert numbers(queue, "ada", 3) == [0, 9]
    assert numbers(queue, "ben", 3) == [], "they wait"
    fill(queue, entry(10, place=-99))
    queue.remove(0, ["stream/0/0"])
    assert numbers(queue, "ben", 3) == [10, 1, 2], "answered: they are back, behind everything else"
    assert numbers(queue, "eve", 3) == [3]


def test_when_the_first_one_is_put_back_it_is_asked_again_and_not_its_near_duplicate(queue: RedisQueue) -> None:
    same = random.Random(1).randbytes(SKETCH_BYTES)
    fill(queue, *(entry(number, place=-number, sketch=same) for number in range(4)))
    assert numbers(queue, "ada", 3) == [0]
    queue.release("ada", ["stream/0/0"])
    assert numbers(queue, "ben", 3) == [0]


def test_a_thousand_near_duplicates_of_one_record_take_less_than_a_hundredth_of_a_day(queue: RedisQueue) -> None:
    sketch, chance = Sketcher(InputSpec(text=True)).sketch, random.Random(5)
    words = [f"{one}{two}" for one in "bdfgklmnprst" for two in ("an", "ol", "ir", "ume", "ex", "oaf", "ank", "isk")]
    flood = [f"Your parcel {number} is waiting: pay {number % 90} euro at our safe site now" for number in range(1_000)]
    usual = [" ".join(chance.sample(words, 14)) for _ in range(300)]
    blind = {"kind": "blind", "line": BLIND_LINE}
    entries = [
        entry(number, sketch=sketch({"text": text}), place=chance.random(), **(blind if chance.random() < 0.24 else {}))
        for number, text in enumerate([*flood, *usual])
    ]
    fill(queue, *entries)
    asked: list[int] = []
    for day in range(200):
        taken = numbers(queue, f"reviewer {day % 7}", 1)
        asked += taken
        queue.remove(0, [f"stream/0/{number}" for number in taken])
    assert len(asked) == 200
    assert sum(number < 1_000 for number in asked) <= 2


def test_a_filter_narrows_the_ordinary_ones_and_tells_nothing_of_the_blind(queue: RedisQueue) -> None:
    ham, spam = line_of("uncertain", "ham"), line_of("novel", "spam")
    fill(queue, *(entry(number, line=ham if number % 2 else spam) for number in range(40)))
    fill(queue, *(entry(number, line=BLIND_LINE, kind="check" if number % 2 else "blind") for number in range(40, 60)))
    only = Filter(reasons=("novel",), labels=("spam",))
    taken = numbers(queue, "ada", 18, only)
    ordinary = [number for number in taken if number < 40]
    assert all(number % 2 == 0 for number in ordinary)
    assert len(taken) - len(ordinary) == 6, "blind ones as often as they stand in the queue"
    assert numbers(queue, "ada", 5, Filter(labels=("eggs",))) == []
    assert numbers(queue, "ada", 5, Filter(reasons=("audit",))) == []
    assert numbers(queue, "ben", 50, Filter(labels=("ham",)))[0] % 2 == 1


def test_the_status_counts_blind_ones_together_and_takes_nothing(queue: RedisQueue) -> None:
    fill(queue, entry(1, line=line_of("uncertain", "ham")), entry(2, line=line_of("cold", None)))
    fill(queue, *(entry(number, line=BLIND_LINE, kind="check", place=-1) for number in (3, 4)))
    queue.next("ada", 2)
    queue.remove(0, ["stream/0/3"])
    status = queue.status()
    assert (status.counts.open, status.counts.leased, status.counts.waiting, status.blind) == (3, 2, 1, 1)
    assert (status.by_reason, status.by_label) == ({"uncertain": 1, "cold": 1}, {"ham": 1})
    assert (status.leased_by, status.near_duplicates) == ({"ada": 2}, 0)
    assert queue.status() == status


def test_a_paused_queue_gives_nothing_out_but_takes_answers(queue: RedisQueue) -> None:
    fill(queue, entry(1, place=9), entry(2))
    queue.next("ada", 1)
    queue.say(Pause(True, "olga", 10.0, "lunch"))
    assert queue.next("ben", 5) == []
    assert not isinstance(queue.hold("ada", "stream/0/1", "take"), str)
    assert queue.pause() == Pause(True, "olga", 10.0, "lunch")
    queue.say(Pause(False, "olga", 11.0))
    assert numbers(queue, "ben", 5) == [2]


def test_the_lines_of_a_document_are_found_while_they_are_open(queue: RedisQueue) -> None:
    fill(queue, *(entry(number, group="a document") for number in range(3)), entry(9, group="another"))
    queue.remove(0, ["stream/0/1"])
    assert queue.lines_of("a document") == {"stream/0/0", "stream/0/2"}


def test_many_lines_make_one_order(queue: RedisQueue) -> None:
    places = random.Random(1).sample(range(2_000), 600)
    fill(
        queue, *(entry(n, place=place, line=line_of("uncertain", f"label {n % 40}")) for n, place in enumerate(places))
    )
    by_place = sorted(range(600), key=lambda number: -places[number])
    assert numbers(queue, "ada", 50) == by_place[:50]
    assert numbers(queue, "ben", 50) == by_place[50:100]


def test_what_was_asked_is_remembered_in_bounded_memory(queue: RedisQueue, redis_url: str, prefix: str) -> None:
    fill(queue, *(entry(number) for number in range(REMEMBERED + 60)))
    for _ in range(12):
        queue.next("ada", 50)
    with redis.Redis.from_url(redis_url) as client:
        base = f"{{{prefix}}}:review:"
        assert client.strlen(f"{base}ring") == REMEMBERED * 49
        assert client.hlen(f"{base}asked") == REMEMBERED + 1
