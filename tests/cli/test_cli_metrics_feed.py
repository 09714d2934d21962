"""How long answers took to reach the model, from lists that forget at their front."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from winnow.cli.metrics_feed import MetricsBoard, newly_appended
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import encode
from winnow_schemas.metrics import Metric, MetricValue, Window

START = datetime(2026, 1, 1, tzinfo=UTC)


def message(sequence: int, values: dict[str, MetricValue], window: int = 0, source: str = "scorer/0") -> Incoming:
    start = START + timedelta(seconds=10 * window)
    metric = Metric(
        family="scorer", source=source, window=Window(start=start, seconds=10), sequence=sequence, values=values
    )
    return Incoming("metrics", 0, sequence, None, encode(metric), 0.0)


def test_in_a_window_the_highest_sequence_wins_and_a_later_window_before_it() -> None:
    board = MetricsBoard()

    board.take([message(2, {"records": 2}), message(1, {"records": 1}), message(3, {"records": 3}, window=1)])

    assert board.value("scorer", "records") == 3


def test_what_is_no_metric_is_passed_over() -> None:
    board = MetricsBoard()

    board.take([Incoming("metrics", 0, 0, None, b"{", 0.0)])

    assert board.of("scorer") == {}


@given(st.lists(st.floats(0, 10), max_size=60, unique=True), st.integers(1, 20), st.data())
def test_every_answer_is_counted_once_however_the_list_forgets(
    answers: list[float], kept: int, data: st.DataObject
) -> None:
    board = MetricsBoard()
    told = 0
    while told < len(answers):
        told = min(len(answers), told + data.draw(st.integers(1, kept)))
        newest = [float(value) for value in answers[max(0, told - kept) : told]]
        board.take([message(told, {"answer_to_model_s": newest})])

    assert sorted(board.answer_to_model_s()) == sorted(answers)


def test_a_scorer_that_starts_anew_begins_a_new_list() -> None:
    assert newly_appended([1.0, 2.0], [3.0]) == [3.0]
    assert newly_appended([1.0, 2.0], [2.0, 3.0]) == [3.0]
    assert newly_appended([1.0, 2.0], [1.0, 2.0]) == []
