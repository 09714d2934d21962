"""The board is the same however its messages arrive, and stays small."""

import random

from hypothesis import given
from hypothesis import strategies as st
from tests.dashboard.metrics_story import metric

from winnow.dashboard.board import Board, BoardLimits

LIMITS = BoardLimits(history_s=120, alarms=3, sources=4)

windows = st.tuples(
    st.sampled_from(["flow", "gate", "scorer", "queue", "learner"]),
    st.sampled_from(["a", "b", "c"]),
    st.integers(0, 40).map(lambda step: 1_000_000.0 + 10 * step),
    st.sampled_from([10, 60]),
    st.integers(0, 6),
)


def message(window):
    """Alarms grow with time and within a window, as the monitor counts them; all else is arbitrary but fixed."""
    family, source, start, seconds, sequence = window
    alarms = int(start - 1_000_000) // 70 + sequence // 3
    values = {"alarms": alarms, "records": hash(window) % 1000, "by": [float(sequence)]}
    return metric(family, source, start, values, sequence, seconds)


def folded(messages, limits=LIMITS):
    board = Board(limits)
    for each in messages:
        board.fold(each)
    return board


@given(st.lists(windows, max_size=60), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_change_the_board(sent, chance: random.Random):
    resent = [*sent, *chance.choices(sent, k=20)] if sent else []
    chance.shuffle(resent)

    assert folded(map(message, sent)).snapshot() == folded(map(message, resent)).snapshot()


@given(st.lists(windows, max_size=60), st.integers(0, 60))
def test_a_restored_board_goes_on_as_if_nothing_had_happened(sent, cut):
    messages = [message(window) for window in sent]

    restored = Board.restore(folded(messages[:cut]).snapshot(), LIMITS)
    for each in messages[cut:]:
        restored.fold(each)

    assert restored.snapshot() == folded(messages).snapshot()


@given(st.lists(windows, min_size=1, max_size=60))
def test_the_newest_window_wins_and_in_it_the_highest_sequence(sent):
    board = folded(map(message, sent))

    for family in {window[0] for window in sent}:
        mine = [window for window in sent if window[0] == family]
        expected = max(mine, key=lambda window: (window[2], -window[3], window[4]))
        assert board.newest(family).rank == (expected[2], -expected[3], expected[4])


def test_only_so_much_history_and_so_many_alarms_are_kept():
    board = folded(message(("gate", "a", 1_000_000.0 + 10 * step, 10, 0)) for step in range(100))

    assert [reading.start for reading in board.history("gate")] == [1_000_870.0 + 10 * step for step in range(13)]
    assert board.alarms() == [(14, 1_000_980.0), (13, 1_000_910.0), (12, 1_000_840.0)]


def test_a_count_of_alarms_beyond_all_measure_costs_nothing():
    board = folded([metric("gate", "a", 1_000_000.0, {"alarms": 10**18})])

    assert len(board.alarms()) == LIMITS.alarms


def test_of_too_many_sources_the_one_longest_silent_goes():
    board = folded(metric("scorer", f"s{step}", 1_000_000.0 + 10 * step, {}) for step in range(6))

    assert list(board.latest("scorer")) == ["s2", "s3", "s4", "s5"]
