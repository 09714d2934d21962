"""The demo's sum and what it shows of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.demo.live_view import Moment, as_line
from winnow.demo.report import AlarmStory, DemoReport, ModelStory
from winnow.demo.tally import Counted, Figures, Tally, quantile
from winnow_schemas.certificates import Certificate

TRUTH = {"a": "ham", "b": "spam", "c": "ham"}


def certificate(released: int, *withdrawn: tuple[int, int], **changes: Any) -> Certificate:
    values: dict[str, Any] = {
        "version": 1,
        "epoch": 1,
        "released": released,
        "withdrawn": list(withdrawn),
        "labels": 0,
        "wrong_at_most": 0.0,
        "target": 0.05,
        "met": False,
        "confidence": 0.95,
        "state": "auto",
        "at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Certificate(**{**values, **changes})


def figures_of(**changes: Any) -> Figures:
    values: dict[str, Any] = {
        "released": Counted(),
        "recallable": Counted(),
        "withdrawn": 0,
        "reviewed": 0,
        "unlabelled": 0,
        "dead_letters": 0,
        "recalled": Counted(),
    }
    return Figures(**{**values, **changes})


def test_auto_labels_are_judged_by_the_truth_released_and_recallable_apart() -> None:
    tally = Tally(TRUTH)
    tally.ended((0, 0), "auto", "a", "ham", 3)
    tally.ended((0, 1), "auto", "b", "ham", 7)
    tally.ended((0, 2), "human", "c", "spam")
    assert tally.figures() == figures_of(recallable=Counted(2, 1), reviewed=1)

    tally.certificate = certificate(5)

    assert tally.figures() == figures_of(released=Counted(1, 0), recallable=Counted(1, 1), reviewed=1)
    assert tally.figures().auto.error == 0.5


def test_a_withdrawn_label_counts_no_more_even_before_its_recall() -> None:
    tally = Tally(TRUTH, certificate(9, (4, 9)))
    tally.ended((0, 0), "auto", "a", "ham", 3)
    tally.ended((0, 1), "auto", "b", "ham", 7)

    assert tally.figures() == figures_of(released=Counted(1, 0), withdrawn=1)
    assert tally.figures().ended == 1


def test_a_recalled_label_counts_no_more_until_people_have_answered() -> None:
    tally = Tally(TRUTH, certificate(9, (4, 9)))
    tally.ended((0, 1), "auto", "b", "ham", 7)

    tally.ended((0, 1), "recall", "b", None, 7)
    assert tally.figures().ended == 0

    tally.ended((0, 1), "human", "b", "spam")
    assert tally.figures() == figures_of(reviewed=1, recalled=Counted(1, 1))
    assert tally.recalled_between(7, 8) == Counted(1, 1)
    assert tally.recalled_between(0, 7) == Counted()


def test_what_a_recall_led_to_may_be_seen_before_the_recall() -> None:
    tally = Tally(TRUTH, certificate(9, (4, 9)))
    tally.ended((0, 1), "auto", "b", "ham", 7)

    tally.ended((0, 1), "unlabelled", "b", None)
    tally.ended((0, 1), "recall", "b", None, 7)

    assert tally.figures() == figures_of(unlabelled=1, recalled=Counted(1, 1))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from(["auto", "human", "recall", "unlabelled", "dead_letter"]),
            st.sampled_from(["ham", "spam"]),
            st.integers(0, 9),
        )
    ),
    st.integers(-1, 9),
    st.integers(0, 9),
)
def test_the_sum_never_exceeds_the_records_and_errors_never_the_labels(
    events: list[tuple[int, str, str, int]], released: int, withdrawn: int
) -> None:
    tally = Tally(TRUTH, certificate(released, (withdrawn, withdrawn)))
    for offset, kind, label, version in events:
        tally.ended((0, offset), kind, "a", label, version)

    figures = tally.figures()

    assert 0 <= figures.ended + figures.withdrawn <= len({offset for offset, *_ in events})
    for counted in (figures.released, figures.recallable, figures.recalled):
        assert 0 <= counted.errors <= counted.labels


def test_the_reviews_before_the_first_label_of_the_machine_are_counted_once() -> None:
    tally = Tally(TRUTH)
    tally.ended((0, 0), "human", "a", "ham")
    assert tally.reviews_before_auto is None
    tally.ended((0, 1), "auto", "b", "spam", 3)
    tally.ended((0, 2), "human", "c", "ham")
    tally.ended((0, 3), "auto", "c", "ham", 3)
    assert tally.reviews_before_auto == 1


def test_the_report_says_what_was_seeded_and_how_many_reviews_came_before_the_first_label() -> None:
    rows = dict(report().rows())
    assert (rows["seeded: labelled beforehand"], rows["reviews before the machine's first label"]) == ("20", "31")
    assert dict(report(reviews_before_auto=None).rows())["reviews before the machine's first label"].endswith("nothing")
    assert "seeded: labelled beforehand" not in dict(report(seeded=0).rows())


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_a_value_that_enough_others_do_not_exceed(values: list[float], share: float) -> None:
    found = quantile(values, share)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile([], 0.5) is None


def report(**changes: Any) -> DemoReport:
    figures = figures_of(
        released=Counted(50, 2), recallable=Counted(10, 1), reviewed=40, recalled=Counted(7, 4), unlabelled=0
    )
    values: dict[str, Any] = {
        "records": 100,
        "seeded": 20,
        "reviews_before_auto": 31,
        "figures": figures,
        "left": 0,
        "seconds": 10.0,
        "answer_to_model_p50_s": 0.5,
        "answer_to_model_p95_s": 1.0,
        "target": 0.05,
        "confidence": 0.95,
        "state": "auto",
        "certificate": certificate(9, labels=50, wrong_at_most=1.94, error_at_most=0.03801, met=True),
        "audits": 6,
        "alarms": [AlarmStory(3.2, "errors", "audits were wrong", Counted(7, 4), 8.4)],
        "models": ModelStory("committee", 1260, "better than text_logistic", ("text_logistic",)),
        "verified": True,
    }
    return DemoReport(**{**values, **changes})


def test_the_report_for_programs_has_the_figures_that_were_promised() -> None:
    values = report().as_values()

    promised = {
        "records": 100,
        "auto": 60,
        "auto_errors": 3,
        "released": 50,
        "released_errors": 2,
        "reviewed": 40,
        "unlabelled": 0,
        "dead_letters": 0,
        "answer_to_model_p50_s": 0.5,
        "answer_to_model_p95_s": 1.0,
        "records_per_second": 10.0,
        "wrong_at_most": 1.94,
        "error_at_most": 0.03801,
        "met": True,
        "target": 0.05,
        "confidence": 0.95,
        "recalled": 7,
        "audits": 6,
    }
    assert {name: values[name] for name in promised} == promised
    assert values["sum"] == 100
    assert values["alarms"][0]["kind"] == "errors"


def test_the_report_for_people_says_the_same() -> None:
    said = [" ".join(row).strip() for row in report().rows()]

    assert "labelled by the machine 60 (60 %)" in said
    assert "sum 100 of 100" in said
    assert "the target you asked for at most 5 % of the machine's labels wrong" in said
    assert "true error 3 of 60 wrong (5 %)" in said
    assert (
        "what Winnow can prove at most 3.9 % of 50 released labels are wrong, with 95 % confidence: target met" in said
    )
    assert "at 3 s audits were wrong" in said
    assert "7 labels recalled, 4 of them wrong; it labelled again 5 s later" in said


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (None, "nothing yet"),
        (certificate(-1), "nothing yet"),
        (certificate(9, labels=50, wrong_at_most=9.0, error_at_most=0.18), "at most 18 % of 50 released labels"),
        (certificate(9, labels=50, wrong_at_most=9.0, error_at_most=0.18), "target not proven yet"),
    ],
)
def test_what_is_not_proven_is_not_claimed(stated: Certificate | None, words: str) -> None:
    assert words in dict(report(certificate=stated).rows())["what Winnow can prove"]


@pytest.mark.parametrize("told", [None, 7])
def test_progress_is_one_line_whatever_is_known_yet(told: int | None) -> None:
    figures = figures_of(recallable=Counted(1, 0), reviewed=2)

    line = as_line(Moment(3.0, 10, 5, figures, state=None, model_version=told, queue=told))

    assert "\n" not in line
    assert "3 of 10 records done" in line
    assert "2 open" in line


def test_the_report_names_who_decides_who_was_tried_and_a_promotion() -> None:
    rows = dict(report().rows())

    assert rows["the model that decides"] == "committee"
    assert rows["  tried beside it"] == "text_logistic"
    assert rows["  promotion"] == "with version 1,260: better than text_logistic"
    assert dict(report(models=ModelStory("committee")).rows())["  promotion"] == "none"
