"""The queue in Redis against a simple model, whatever is put, taken, released and closed in whatever order."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import redis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from winnow.core.choice import KINDS
from winnow.core.sketch import SKETCH_BYTES
from winnow.review.queue_entries import BLIND_LINE, Entry, Filter, line_of
from winnow.review.queue_status import Pause
from winnow.review.redis_queue import Lease, RedisQueue

PEOPLE = ("ada", "ben", "eve", "kim")
NUMBERS = st.integers(0, 7)
REVIEWERS = st.sampled_from(PEOPLE)


@dataclass
class Known:
    """One open request as the model has it: what was put last, and who holds it. Leases never lapse here."""

    entry: Entry
    held_by: set[str] = field(default_factory=set)

    def may_have(self, reviewer: str) -> bool:
        is_free = len(self.held_by) < self.entry.wanted and reviewer not in {*self.held_by, *self.entry.seen_by}
        return is_free and self.entry.reserved_for in (None, reviewer)


def request_id(number: int) -> str:
    return f"stream/0/{number}"


class QueueMachine(RuleBasedStateMachine):
    queue: RedisQueue

    def __init__(self) -> None:
        super().__init__()
        self.queue._redis.flushall()
        self.open: dict[str, Known] = {}
        self.asked: set[str] = set()
        self.is_paused = False
        self.clock = 0.0

    @rule(
        number=NUMBERS,
        place=st.floats(-5, 5),
        wanted=st.integers(1, 2),
        kind=st.sampled_from(KINDS),
        looks=st.tuples(st.integers(0, 2), st.sampled_from([None, None, None, "ada"])),
    )
    def put(self, number, place, wanted, kind, looks) -> None:
        look, reserved = looks
        line = BLIND_LINE if kind != "open" else line_of("uncertain", "ham" if look else "spam")
        names = request_id(number), f"record-{number}"
        known = self.open.get(names[0])
        if known is not None:
            known.entry = replace(known.entry, place=place, wanted=wanted)
        else:
            sketch = bytes([1 + look * 85]) * SKETCH_BYTES
            made = Entry(*names, 0, number, place, wanted, reserved_for=reserved, kind=kind, line=line, sketch=sketch)
            known = self.open[names[0]] = Known(made)
        self.queue.put([(known.entry, None)])

    @rule(number=NUMBERS, reviewer=REVIEWERS)
    def hear_an_answer(self, number, reviewer) -> None:
        known = self.open.get(request_id(number))
        if known is None:
            return
        known.entry = replace(known.entry, seen_by=(*known.entry.seen_by, reviewer), is_begun=True, reserved_for=None)
        known.held_by.discard(reviewer)
        self.queue.put([(known.entry, reviewer)])

    @rule(reviewer=REVIEWERS, count=st.integers(1, 4), label=st.sampled_from([None, None, "ham", "eggs"]))
    def next(self, reviewer, count, label) -> None:
        only = Filter(labels=(label,)) if label else None
        had = {name for name, known in self.open.items() if known.may_have(reviewer)}
        leases = self.queue.next(reviewer, count, only)
        given = [lease.request_id for lease in leases]
        assert len(set(given)) == len(given) <= count
        assert set(given) <= had
        for name in given:
            entry = self.open[name].entry
            assert only is None or only.lets_pass(entry.line)
            self.open[name].held_by.add(reviewer)
        self.asked.update(given)
        if self.is_paused or label == "eggs":
            assert given == []
        elif only is None:
            self._nobody_waits_without_a_reason(had - set(given), len(given), count)

    def _nobody_waits_without_a_reason(self, left: set[str], given: int, count: int) -> None:
        """Fewer than asked for are given only when the others are near-duplicates of what is open, and no audits."""
        for name in left if given < count else ():
            entry = self.open[name].entry
            kin = [each for each in self.asked & self.open.keys() if self.open[each].entry.sketch == entry.sketch]
            assert entry.kind != "check"
            assert kin
            assert not entry.is_begun

    @rule(number=NUMBERS, reviewer=REVIEWERS, manner=st.sampled_from(["take", "keep"]))
    def hold(self, number, reviewer, manner) -> None:
        known = self.open.get(request_id(number))
        held = self.queue.hold(reviewer, request_id(number), manner)
        if known is None:
            assert held in ("closed", "unknown")
            return
        others = known.held_by - {reviewer}
        may = len(others) < known.entry.wanted and reviewer not in known.entry.seen_by
        assert isinstance(held, Lease) == (may and (manner == "take" or reviewer in known.held_by))
        if isinstance(held, Lease):
            known.held_by.add(reviewer)

    @rule(number=NUMBERS, reviewer=REVIEWERS)
    def release(self, number, reviewer) -> None:
        known = self.open.get(request_id(number))
        was_held = known is not None and reviewer in known.held_by
        assert self.queue.release(reviewer, [request_id(number)]) == was_held
        if known is not None:
            known.held_by.discard(reviewer)

    @rule(number=NUMBERS)
    def close(self, number) -> None:
        self.open.pop(request_id(number), None)
        self.queue.remove(0, [request_id(number)])

    @rule()
    def forget_everything_and_fill_in_anew(self) -> None:
        self.queue._redis.flushall()
        self.asked = set()
        for known in self.open.values():
            known.held_by = set()
        self.queue.put((known.entry, None) for known in self.open.values())
        self.is_paused = False

    @rule(is_paused=st.booleans())
    def pause(self, is_paused) -> None:
        self.clock += 1
        self.is_paused = is_paused
        self.queue.say(Pause(is_paused, "olga", self.clock))

    @invariant()
    def the_status_adds_up(self) -> None:
        status = self.queue.status()
        assert self.queue.ids(0) == self.open.keys()
        assert status.counts.open == len(self.open)
        assert status.blind == sum(known.entry.line == BLIND_LINE for known in self.open.values())
        assert sum(status.by_label.values()) == status.counts.open - status.blind
        held = [known.held_by for known in self.open.values() if known.held_by]
        assert status.counts.leased == len(held)
        assert sum(status.leased_by.values()) == sum(map(len, held))
        free = sum(len(known.held_by) < known.entry.wanted for known in self.open.values())
        assert status.counts.waiting == free


def test_the_queue_does_what_a_simple_model_does(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:

        class Machine(QueueMachine):
            queue = RedisQueue(client, "model", timedelta(hours=1))

        run_state_machine_as_test(Machine, settings=settings(max_examples=15, stateful_step_count=25, deadline=None))
