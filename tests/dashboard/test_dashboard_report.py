"""Numbers on the page are those of the metrics, and what is not known is not a zero."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.dashboard.metrics_story import metric, story

from winnow.dashboard.board import Board
from winnow.dashboard.figures import Delay, Gate, Queue, Recalls
from winnow.dashboard.report import report
from winnow_schemas.drift_alarms import DriftAlarm

NOW = 1_800_000_000.0


def board_of(*metrics):
    board = Board()
    for each in metrics:
        board.fold(each)
    return board


def test_the_flow_adds_up_when_every_record_has_an_outcome():
    flow = report(board_of(*story(NOW, 40)), NOW).flow

    assert flow.records == flow.auto + flow.review + flow.unlabelled + flow.dead > 0
    assert (flow.missing, flow.missing_review) == (0, 0)


def test_what_is_missing_from_the_sums_is_said_with_its_sign():
    values = {"records": 10, "auto": 4, "review": 3, "open": 5, "unlabelled": 0, "dead": 1}

    flow = report(board_of(metric("flow", "monitor", NOW, values)), NOW).flow

    assert (flow.missing, flow.missing_review) == (2, -2)


def test_reviews_closed_without_answer_or_expiry_are_part_of_the_sum():
    values = {"records": 9, "review": 9, "open": 2, "closed": 7, "labelled_by_people": 4, "expired": 1}

    flow = report(board_of(metric("flow", "monitor", NOW, values)), NOW).flow

    assert (flow.closed_otherwise, flow.missing_review) == (2, 0)


def test_without_metrics_nothing_is_known():
    figures = report(Board(), NOW)

    assert figures.gate == Gate()
    assert figures.queue == Queue()
    assert figures.delay == Delay()
    assert figures.flow.auto_share is None
    assert figures.records_per_second is None


def test_silent_workers_are_shown_but_not_added_up():
    board = board_of(
        metric("scorer", "a", NOW - 5, {"records_per_second": 100.0}),
        metric("scorer", "b", NOW - 500, {"records_per_second": 50.0}),
        metric("queue", "a", NOW - 5, {"open": 7, "oldest_s": 3.0, "leased": 2}),
        metric("queue", "b", NOW - 500, {"open": 90, "oldest_s": 900.0, "leased": 9}),
    )

    figures = report(board, NOW)

    assert figures.records_per_second == 100
    assert [(scorer.source, scorer.silent) for scorer in figures.scorers] == [("a", False), ("b", True)]
    assert figures.queue == Queue(open=7, leased=2, oldest_s=3.0, reviewers=None)


def test_a_scorer_without_model_or_policy_has_no_versions():
    board = board_of(metric("scorer", "a", NOW, {"model_version": -1, "policy_version": -1, "stale": True}))

    scorer = report(board, NOW).scorers[0]

    assert (scorer.model_version, scorer.policy_version, scorer.stale) == (None, None, True)


def test_the_delay_is_that_of_all_scorers_together():
    board = board_of(
        metric("scorer", "a", NOW, {"answer_to_model_s": [float(i) for i in range(50)]}),
        metric("scorer", "b", NOW, {"answer_to_model_s": [float(i) for i in range(50, 101)]}),
    )

    assert report(board, NOW).delay == Delay(median_s=50.0, p95_s=95.0)


def test_the_share_of_a_moment_is_that_of_the_minute_before_it():
    sums = [(0, 0), (100, 0), (200, 0), (300, 0), (400, 0), (500, 0), (600, 0), (700, 90), (800, 180)]
    board = board_of(
        *(
            metric("flow", "m", NOW + 10 * i, {"records": records, "auto": auto})
            for i, (records, auto) in enumerate(sums)
        )
    )

    history = report(board, NOW).history

    assert history.auto_share == pytest.approx([None, 0, 0, 0, 0, 0, 0, 0.15, 0.3], nan_ok=True)


def test_an_alarm_that_the_first_window_already_counts_has_no_exact_time():
    board = board_of(metric("gate", "m", NOW, {"alarms": 1}), metric("gate", "m", NOW + 10, {"alarms": 2}))

    assert [(alarm.number, alarm.at, alarm.exact) for alarm in report(board, NOW).alarms] == [
        (2, NOW + 10, True),
        (1, NOW, False),
    ]


def test_alarms_that_were_told_with_their_reasons_go_before_those_counted():
    board = board_of(metric("gate", "m", NOW, {"alarms": 3}))
    told = [
        DriftAlarm(kind=kind, version=version, epoch=1, message="why", at=datetime.fromtimestamp(NOW, UTC))
        for kind, version in (("ledger", 9), ("errors", 4))
    ]

    alarms = report(board, NOW, told).alarms

    assert [(alarm.number, alarm.kind, alarm.at) for alarm in alarms] == [(3, "ledger", NOW), (2, "errors", NOW)]


def test_recalls_are_those_of_all_workers_and_windows():
    board = board_of(
        metric("queue", "a", NOW - 20, {"recalled": 7, "recalls_waiting": 30}),
        metric("queue", "a", NOW - 5, {"recalled": 5, "recalls_waiting": 20, "open_recalled": 11}),
        metric("queue", "b", NOW - 5, {"recalled": 1, "recalls_waiting": 2, "open_recalled": 1}),
    )

    assert report(board, NOW).recalls == Recalls(lately=13, waiting=22, open=12)


def test_recalled_records_wait_for_people_too():
    board = board_of(
        metric("flow", "m", NOW - 5, {"review": 9, "open": 4}),
        metric("queue", "a", NOW - 5, {"open": 15, "open_recalled": 11}),
    )

    assert report(board, NOW).queue.open == 15


def test_two_hours_fit_into_few_points_and_end_with_the_newest():
    history = report(board_of(*story(NOW, 720)), NOW).history

    assert len(history.at) <= 200
    assert history.at[-1] == NOW
    assert len(history.at) == len(history.auto_share) == len(history.error_at_most) == len(history.open)


values = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.booleans(),
    st.dictionaries(st.text(max_size=3), st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3),
)
names = st.sampled_from(
    [
        "records",
        "auto",
        "review",
        "open",
        "closed",
        "state",
        "met",
        "alarms",
        "thresholds",
        "accuracy",
        "answer_to_model_s",
        "stale",
        "by_reason",
        "target",
        "error_at_most",
        "model_version",
    ]
)


@given(st.sampled_from(["flow", "gate", "scorer", "queue", "learner"]), st.dictionaries(names, values, max_size=8))
def test_values_of_unexpected_kinds_never_stop_the_page(family, strange):
    report(board_of(metric(family, "x", NOW, strange)), NOW)
