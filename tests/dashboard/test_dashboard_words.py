"""Sentences a newcomer understands, and that promise no more than was proven."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.dashboard.metrics_story import story

from winnow.dashboard.board import Board
from winnow.dashboard.figures import Alarm, Flow, Gate, Queue, Reading, Recalls
from winnow.dashboard.report import report
from winnow.dashboard.words import duration, percent, percent_at_most, words

NOW = 1_800_000_000.0
READING = Reading(now=NOW, news_at=NOW, complete=True, unreadable=0)
NOTHING = report(Board(), NOW)


def said(reading=READING, **figures):
    return words(replace(NOTHING, **figures), reading)


def test_the_bound_is_a_sentence_about_the_released_labels():
    gate = Gate(error_at_most=0.0301, released=1240, confidence=0.95)

    assert said(gate=gate).bound == "At most 3.1 % of the 1,240 released labels are wrong (95 % sure)."


@pytest.mark.parametrize(
    ("met", "says"),
    [(True, "(95 % sure): the target of 5 % is met."), (False, "(95 % sure); the target of 5 % is not proven yet")],
)
def test_the_bound_says_whether_that_is_what_was_asked_for(met, says):
    gate = Gate(error_at_most=0.0301, released=1240, confidence=0.95, target=0.05, met=met)

    assert says in said(gate=gate).bound


def test_a_target_of_zero_is_told_as_what_it_means():
    spoken = said(gate=Gate(state="cold", target=0.0))

    assert "never labels anything" in spoken.headline
    assert spoken.tone == "stopped"


@pytest.mark.parametrize(
    ("kind", "message", "says"),
    [
        ("errors", "audits ...", "too many of its labels were wrong, the stream has changed."),
        ("ledger", "the ledger ...", "too many wrong labels were found to release the others."),
        ("operator", "halt by the night shift: test mails", "(halt by the night shift: test mails)"),
        (None, None, "The machine stopped labelling."),
        ("tomorrow's kind", "x", "The machine stopped labelling."),
    ],
)
def test_every_alarm_says_why(kind, message, says):
    assert said(alarms=[Alarm(1, NOW, exact=True, kind=kind, message=message)]).alarms[0].endswith(says)


def test_a_sum_with_recalled_labels_says_where_they_stand():
    assert said(recalls=Recalls(lately=3)).sum.endswith("Labels taken back since then are among those of the machine.")


def test_recalls_are_told_only_when_there_are_any():
    assert said(recalls=Recalls(0, 0, 0)).recalls == ""
    assert said(recalls=Recalls(330, 12, 1)).recalls == (
        "330 labels taken back in the last two hours; 12 are still to be taken back; 1 waits for people again."
    )


def test_without_released_labels_nothing_is_claimed():
    assert said(gate=Gate(released=0, error_at_most=0.0)).bound.startswith("Nothing is proven yet")
    assert said().bound.startswith("Nothing is proven yet")


def test_a_labelling_machine_says_how_much_is_checked():
    spoken = said(gate=Gate(state="auto", audit_rate=0.08))

    assert spoken.headline == "The machine is labelling; 8 % of its labels are checked blind."
    assert spoken.tone == "labelling"


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        ("cold", "learning"),
        ("building", "learning"),
        ("suspended", "stopped"),
        ("halted", "stopped"),
        ("new", "unknown"),
    ],
)
def test_every_state_has_its_sentence(state, tone):
    assert said(gate=Gate(state=state)).tone == tone


def test_before_the_end_of_the_topic_the_page_says_that_it_is_reading():
    reading = replace(READING, complete=False)

    assert said(reading, gate=Gate(state="auto")).headline.startswith("Reading the history")


def test_sums_say_by_how_much_they_are_wrong():
    assert said(flow=Flow()).sum.startswith("Adds up")
    assert said(flow=Flow(missing=1)).sum == "Does not add up: 1 record has no outcome."
    assert said(flow=Flow(missing=-12)).sum == "Does not add up: 12 outcomes more than records."
    assert said(flow=Flow(missing_review=3)).review_sum == "Does not add up: 3 reviews are neither open nor closed."


def test_the_queue_is_told_with_its_age():
    assert said(queue=Queue(open=340, oldest_s=250)).queue == "340 records wait for people, the oldest for 4 minutes."
    assert said(queue=Queue(open=1)).queue == "1 record waits for people."
    assert "empty" in said(queue=Queue(open=0)).queue


def test_what_is_wrong_with_the_numbers_is_noticed():
    board = Board()
    for each in story(NOW, 20):
        board.fold(each)
    old, fresh = (replace(READING, news_at=NOW - age, unreadable=2) for age in (200, 1))

    assert words(report(board, NOW), READING).notices == []
    assert words(report(board, NOW), old).notices == ["No news for 3 minutes: the numbers are the last known ones."]
    assert words(report(board, NOW + 500), fresh).notices == [
        "No scorer reports: records are waiting to be decided.",
        "2 messages could not be read.",
    ]


def test_a_late_monitor_and_what_it_says_are_noticed():
    assert said(gate=Gate(lag=5000, notice="a target of 0 is never reached")).notices == [
        "The monitor is behind: 5,000 pieces of evidence wait to be counted.",
        "The monitor says: a target of 0 is never reached.",
    ]


@given(st.floats(0, 1))
def test_bounds_are_rounded_up(share):
    assert float(percent_at_most(share).removesuffix(" %")) >= share * 100 - 1e-6


def test_percentages_and_times_are_short():
    assert [percent(share) for share in (0, 0.0052, 0.031, 0.05, 0.0999, 0.5, 1)] == [
        "0 %",
        "0.52 %",
        "3.1 %",
        "5 %",
        "10 %",
        "50 %",
        "100 %",
    ]
    assert percent_at_most(0.07) == "7 %"
    assert [duration(seconds) for seconds in (1, 59, 60, 7200, 90000)] == [
        "1 second",
        "59 seconds",
        "1 minute",
        "2 hours",
        "1 day",
    ]
