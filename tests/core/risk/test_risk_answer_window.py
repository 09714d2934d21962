import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.answer_window import AnswerWindow, KeptAnswer, Mark

FIRST = Mark(0, 1)


def kept(number, *, wrong=False):
    return KeptAnswer(f"r{number}", FIRST, "ab"[number % 2], float(number), 1.0 + number, wrong)


def filled(size, count):
    window = AnswerWindow(size)
    for number in range(count):
        window.add(number, kept(number, wrong=number % 3 == 0))
    return window


def slots_of(window):
    return json.loads(json.dumps({row: window.slot(row) for row in window.used_slots()}))


def restored(head, slots, offset, size):
    window = AnswerWindow(size)
    window.restore(json.loads(json.dumps(head)), {int(row): slot for row, slot in slots.items()}, offset)
    return window


def same(one, other):
    return all(
        np.array_equal(getattr(one.newest(None), name), getattr(other.newest(None), name))
        for name in ("x", "label", "wrong", "weight")
    )


@given(st.integers(1, 30), st.integers(0, 100))
def test_the_newest_answers_count_oldest_first(size, count):
    window = filled(size, count)
    assert window.newest(None).x.tolist() == [float(n) for n in range(max(0, count - size), count)]
    assert window.count == count


def test_large_windows_grow_as_they_fill():
    window = filled(3_000, 5_000)
    assert window.newest(None).x.tolist() == [float(n) for n in range(2_000, 5_000)]


def test_starting_afresh_forgets_answers_and_requests():
    window = filled(10, 8)
    window.start_afresh()
    assert window.count == 0
    assert window.newest(None).x.size == 0
    assert window.mark_of("r5") is None


def test_a_revision_replaces_the_answer_while_it_is_in_the_window():
    window = filled(4, 6)
    assert window.revise(99, "r4", Mark(0, 2), wrong=True) is not None
    assert window.newest(None).wrong.tolist() == [0, 1, 1, 0]
    assert window.mark_of("r4") == Mark(0, 2)
    assert window.revise(99, "r1", Mark(0, 2), wrong=True) is None


@given(st.integers(1, 12), st.integers(0, 40), st.data())
def test_slots_may_be_a_whole_window_ahead_of_the_head(size, count, data):
    window = filled(size, count)
    at_head = restored(window.snapshot_head(), slots_of(window), count, size)
    head = window.snapshot_head()
    for number in range(count, count + data.draw(st.integers(0, size))):
        if number % 4 == 3:
            window.start_afresh()
        window.add(number, kept(number))
        window.revise(number, f"r{number - 1}", Mark(0, 2), wrong=True)
    back = restored(head, slots_of(window), count - 1, size)
    assert same(back, at_head)
    assert [back.mark_of(f"r{n}") for n in range(count)] == [at_head.mark_of(f"r{n}") for n in range(count)]


def test_slots_too_far_ahead_are_refused():
    window = filled(5, 20)
    head = window.snapshot_head()
    for number in range(20, 27):
        window.add(number, kept(number))
    with pytest.raises(ValueError, match="overwritten"):
        restored(head, slots_of(window), 19, 5)
