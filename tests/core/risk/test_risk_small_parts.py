import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.answer_times import SLOTS, AnswerTimes
from winnow.core.risk.cadence import LiveCadence, RecordCadence, SinceLook
from winnow.core.risk.evidence_clock import EvidenceClock
from winnow.core.risk.gold_checks import GoldChecks
from winnow.core.risk.withdrawals import Withdrawals


def test_the_hold_is_twice_the_95th_percentile_within_its_limits():
    times = AnswerTimes(60.0, 3_600.0)
    assert times.hold_s() == 60.0
    for seconds in range(1, 101):
        times.add(float(seconds))
    assert times.hold_s() == 190.0
    for _ in range(500):
        times.add(1e9)
    assert times.hold_s() == 3_600.0


@given(st.integers(0, 1_500), st.integers(0, SLOTS // 2))
def test_answer_times_may_be_ahead_of_the_head(before, after):
    times = AnswerTimes(0.0, 1e9)
    for number in range(before):
        times.add(float(number % 97))
    head, hold = times.snapshot_head(), times.hold_s()
    for _ in range(after):
        times.add(1e6)
    slots = json.loads(json.dumps({str(n): times.slot(n) for n in times.used_slots()}))
    again = AnswerTimes(0.0, 1e9)
    again.restore(head, {int(n): slot for n, slot in slots.items()})
    assert again.hold_s() == hold


def since(answers=0, records=0, seconds=0.0, age=0.0, hold=60.0):
    return SinceLook(answers, records, seconds, age, hold)


def test_live_looks_come_after_25_answers_and_at_most_once_a_second():
    live = LiveCadence()
    assert not live.look_is_due(since(answers=24, seconds=9))
    assert not live.look_is_due(since(answers=500, seconds=0.9))
    assert live.look_is_due(since(answers=25, seconds=1.0))


@pytest.mark.parametrize(("hold", "lasts"), [(60, 30), (400, 100), (86_400, 300)])
def test_live_versions_last_a_quarter_of_the_hold_within_limits(hold, lasts):
    live = LiveCadence()
    young, old = since(age=lasts - 1, hold=hold), since(age=lasts, hold=hold)
    assert not live.version_is_due(young, changed=False)
    assert live.version_is_due(young, changed=True)
    assert live.look_is_due(old)
    assert live.version_is_due(old, changed=False)


def test_a_replay_looks_every_25_records_whatever_the_clock_says():
    replay = RecordCadence()
    assert not replay.look_is_due(since(answers=99, records=24, seconds=1e9, age=1e9))
    assert replay.look_is_due(since(records=25))
    assert replay.version_is_due(since(records=25), changed=False)


def test_the_clock_goes_forward_and_steps_back_only_after_a_jump():
    clock = EvidenceClock(tolerance_s=600.0)
    assert [clock.hear(at) for at in (100.0, 90.0, 5_000.0, 4_500.0, 110.0, 120.0)] == [
        100.0,
        100.0,
        5_000.0,
        5_000.0,
        110.0,
        120.0,
    ]


def test_what_reviewers_overlook_is_known_from_30_gold_cases_on():
    gold = GoldChecks()
    for _ in range(29):
        gold.hear(missed=False)
    assert gold.overlooked_at_most == 0.0
    gold.hear(missed=False)
    assert gold.overlooked_at_most == pytest.approx(1 - 0.05 ** (1 / 30))
    for _ in range(30):
        gold.hear(missed=True)
    assert gold.overlooked_at_most > 0.5
    assert GoldChecks(40, 40).overlooked_at_most == 1.0


def test_withdrawn_ranges_join():
    book = Withdrawals()
    book.released = 4
    book.withdraw_to(9)
    book.withdraw_to(9)
    book.withdraw_to(12)
    assert book.ranges == ((5, 12),)
    assert book.released == 12
    book.released = 30
    book.withdraw_to(35)
    book.recall(2, 3)
    book.recall(34, 36)
    book.recall(50, 49)
    assert book.ranges == ((2, 3), (5, 12), (31, 36))
    assert book.never_released(33)
    assert not book.never_released(2)
    snapshot, ranges = book.snapshot(), book.ranges
    book.recall(60, 70)
    book.withdraw_to(80)
    again = Withdrawals()
    again.restore(json.loads(json.dumps(snapshot)))
    assert again.ranges == ranges
