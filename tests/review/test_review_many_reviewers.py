"""Many reviewers at once, of whom every fifth walks away from what was leased to them (long form: `crowds`)."""

import random
from collections import Counter
from datetime import timedelta

import redis
from tests.review.review_kafka import ReviewKafka, review_rules
from tests.review.review_messages import review_request, review_response
from tests.support.waiting import eventually

from winnow.review.queue_feed import RedisFeed
from winnow.review.redis_queue import RedisQueue
from winnow_schemas.codec import decode
from winnow_schemas.verdicts import Verdict

ABANDONED = 0.2


def test_fifty_reviewers_of_whom_many_walk_away_answer_everything_once(redis_url: str, prefix: str) -> None:
    people, count, chance = [f"reviewer {number}" for number in range(50)], 300, random.Random(7)
    kafka = ReviewKafka(review_rules(), reviewers=people)
    queue = RedisQueue(redis.Redis.from_url(redis_url), prefix, timedelta(milliseconds=300))
    feed = RedisFeed(queue, kafka.rules.answer_rule)
    for number in range(count):
        kafka.request(review_request(number))
    held: dict[str, float] = {}
    abandoned: set[str] = set()
    shown = 0

    def turn() -> int:
        nonlocal shown
        kafka.turn(requests=count)
        changes, shown = kafka.queue.changes[shown:], len(kafka.queue.changes)
        feed.publish(changes)
        return len(kafka.queue.tables[0])

    def work() -> bool:
        name = chance.choice(people)
        for lease in queue.next(name, 3):
            began = lease.lapses_at - 0.3
            assert held.get(lease.request_id, 0.0) <= began + 0.001, "leased to two at once"
            held[lease.request_id] = lease.lapses_at
            if chance.random() < ABANDONED:
                abandoned.add(lease.request_id)
            elif not isinstance(queue.hold(name, lease.request_id, "take"), str):
                kafka.response(review_response(lease.offset, name))
        return chance.random() < 0.2 and turn() == 0

    turn()
    eventually(work, within_s=60, what="all requests being closed")
    verdicts = Counter(decode(Verdict, message.value).request_id for message in kafka.of("verdicts"))
    assert verdicts == Counter({f"streamid/0/{number}": 1 for number in range(count)})
    assert len(abandoned) > 20
