"""The demo's sum and what it shows of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.demo.live_view import Moment, as_line
from winnow.demo.report import DemoReport
from winnow.demo.tally import Figures, Tally, quantile

TRUTH = {"a": "ham", "b": "spam", "c": "ham"}


def test_auto_labels_are_judged_by_the_truth() -> None:
    tally = Tally(TRUTH)

    tally.ended((0, 0), "auto", "a", "ham")
    tally.ended((0, 1), "auto", "b", "ham")
    tally.ended((0, 2), "human", "c", "spam")

    assert tally.figures() == Figures(auto=2, auto_errors=1, reviewed=1, unlabelled=0, dead_letters=0, recalled=0)
    assert tally.figures().auto_error == 0.5


def test_a_recalled_label_counts_no_more_until_people_have_answered() -> None:
    tally = Tally(TRUTH)
    tally.ended((0, 1), "auto", "b", "ham")

    tally.ended((0, 1), "recall", "b", None)
    assert tally.figures().ended == 0

    tally.ended((0, 1), "human", "b", "spam")
    assert tally.figures() == Figures(auto=0, auto_errors=0, reviewed=1, unlabelled=0, dead_letters=0, recalled=1)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from(["auto", "human", "recall", "unlabelled", "dead_letter"]),
            st.sampled_from(["ham", "spam"]),
        )
    )
)
def test_the_sum_never_exceeds_the_records_and_errors_never_the_labels(events: list[tuple[int, str, str]]) -> None:
    tally = Tally(TRUTH)
    for offset, kind, label in events:
        tally.ended((0, offset), kind, "a", label)

    figures = tally.figures()

    assert 0 <= figures.ended <= len({offset for offset, _, _ in events})
    assert 0 <= figures.auto_errors <= figures.auto


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_a_value_that_enough_others_do_not_exceed(values: list[float], share: float) -> None:
    found = quantile(values, share)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile([], 0.5) is None


def report(**changes: object) -> DemoReport:
    figures = Figures(auto=60, auto_errors=3, reviewed=40, unlabelled=0, dead_letters=0, recalled=2)
    values = {
        "records": 100,
        "figures": figures,
        "left": 0,
        "seconds": 10.0,
        "answer_to_model_p50_s": 0.5,
        "answer_to_model_p95_s": 1.0,
        "target": 0.05,
        "state": "auto",
        "certificate": None,
        "verified": True,
    }
    return DemoReport(**{**values, **changes})  # type: ignore[arg-type]


def test_the_report_for_programs_has_the_figures_that_were_promised() -> None:
    values = report().as_values()

    promised = {
        "records": 100,
        "auto": 60,
        "auto_errors": 3,
        "reviewed": 40,
        "unlabelled": 0,
        "dead_letters": 0,
        "answer_to_model_p50_s": 0.5,
        "answer_to_model_p95_s": 1.0,
        "records_per_second": 10.0,
    }
    assert {name: values[name] for name in promised} == promised
    assert values["sum"] == 100


def test_the_report_for_people_says_the_same() -> None:
    rows = report().rows()

    assert rows["auto-labelled"] == "60 (60.00 %)"
    assert rows["sum"] == "100 of 100"
    assert rows["certificate"] == "nothing released yet"


@pytest.mark.parametrize("told", [None, 7])
def test_progress_is_one_line_whatever_is_known_yet(told: int | None) -> None:
    figures = Figures(auto=1, auto_errors=0, reviewed=2, unlabelled=0, dead_letters=0, recalled=0)

    line = as_line(Moment(3.0, 10, 5, figures, state=None, model_version=told, queue=told))

    assert "\n" not in line
    assert "3 of 10 records done" in line
    assert "2 open" in line
