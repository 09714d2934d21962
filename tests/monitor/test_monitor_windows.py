from hypothesis import given
from hypothesis import strategies as st

from winnow.monitor.windows import SIZES, Windows

TIMES = st.lists(st.floats(0, 20_000), min_size=1, max_size=60).map(sorted)


def sent(times):
    windows = Windows()
    return [(now, list(windows.complete(now)), list(windows.due(now))) for now in times]


def test_a_window_is_sent_about_ten_times_and_once_more_when_it_is_complete():
    story = sent([0.5 * half for half in range(2 * 11)])

    running = [now for now, _, due in story if (0, 10) in due]
    assert running == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    assert [now for now, complete, _ in story if (0, 10) in complete] == [10.0]


def test_all_three_lengths_are_sent():
    assert {size for _, _, due in sent([5.0]) for _, size in due} == set(SIZES)


@given(TIMES)
def test_every_window_that_has_evidence_is_sent_and_each_but_the_last_is_completed(times):
    story = sent(times)

    for size in SIZES:
        seen = [start for _, _, due in story for start, length in due if length == size]
        completed = [start for _, complete, _ in story for start, length in complete if length == size]
        assert set(seen) == {now // size * size for now in times}
        assert completed == sorted(set(seen))[:-1]
