"""Bodies of requests: bounded in memory, and there before they are asked for."""

from tests.review.review_messages import consumed, review_request
from tests.support.waiting import eventually

from winnow.review.bodies import Bodies
from winnow.review.bodies_ahead import BodiesAhead
from winnow.runtime.errors import TransientError
from winnow.runtime.messages import Incoming


class Topic:
    """Counts how it is read; away at first if it is told so."""

    def __init__(self, count: int) -> None:
        self.messages = [consumed("requests", offset, review_request(offset)) for offset in range(count)]
        self.single_reads = 0
        self.is_away = False

    def read(self, _partition: int, offset: int) -> Incoming | None:
        self.single_reads += 1
        return self.messages[offset] if offset < len(self.messages) else None

    def read_some(self, _partition: int, offsets: list[int]) -> dict[int, Incoming | None]:
        if self.is_away:
            self.is_away = False
            raise TransientError("away")
        return {offset: self.messages[offset] if offset < len(self.messages) else None for offset in offsets}


def test_what_is_gathered_is_not_read_again_and_what_is_gone_is_found_out_when_it_is_asked_for() -> None:
    topic = Topic(20)
    bodies = Bodies(topic)
    bodies.gather((0, offset) for offset in range(25))
    assert [bodies.get(0, offset).record_id for offset in range(20)] == [f"record-{n}" for n in range(20)]
    assert topic.single_reads == 0
    assert bodies.get(0, 22) is None


def test_memory_is_bounded_and_the_least_recently_used_go_first() -> None:
    topic = Topic(20)
    bodies = Bodies(topic, max_bytes=6 * len(topic.messages[0].value))
    bodies.gather([(0, 1)])
    for offset in range(2, 20):
        bodies.gather([(0, 1)])
        bodies.keep(topic.messages[offset])
    assert bodies._bytes <= 6 * len(topic.messages[0].value)
    bodies.get(0, 1)
    assert topic.single_reads == 0
    bodies.get(0, 2)
    assert topic.single_reads == 1


def test_bodies_are_fetched_ahead_also_after_the_broker_was_away() -> None:
    topic = Topic(20)
    topic.is_away = True
    bodies = Bodies(topic)
    with BodiesAhead(bodies) as ahead:

        def is_there() -> bool:
            ahead.expect([(0, 7), (0, 9)])
            return (0, 9) in bodies._kept

        eventually(is_there, within_s=10)
    bodies.get(0, 7)
    assert topic.single_reads == 0
