"""Audits get rarer as labels are released. `WINNOW_RISK_STREAMS=20` runs the long form: ten million records."""

import os

import pytest
from benchmarks.adversaries import waits_for_rarer_audits
from benchmarks.simulated_stream import SimulatedStream
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.thinning import LabelRate, Thinning

STREAMS = min(20, int(os.environ.get("WINNOW_RISK_STREAMS", "0")))
RECORDS = 10_000_000 if STREAMS else 300_000
SEEDS = range(STREAMS or 1)


def thinning(audits_per_hour=0.0, audits_per_hour_max=None):
    return Thinning(0.05, 0.08, 230.0, 3.0, audits_per_hour, audits_per_hour_max)


def test_a_chapter_ends_when_its_evidence_is_in():
    assert thinning().next_rate(0.08, 57_499, None) is None
    assert thinning().next_rate(0.08, 57_500, None) == 0.08 / 3
    assert thinning().next_rate(0.08 / 3, 57_500, None) is None


def test_audits_are_not_thinned_below_what_timely_detection_needs():
    assert thinning(audits_per_hour=60).next_rate(0.08, 10**9, 1_000.0) is None
    rare = thinning(audits_per_hour=60).next_rate(0.04, 10**9, 2_500.0)
    assert rare == pytest.approx(0.08 / 2**1.5)
    assert thinning(audits_per_hour=60).next_rate(0.04, 10**9, 1e9) == pytest.approx(0.04 / 3)
    assert rare * 2_500 >= 60


@given(st.floats(1, 1e7), st.floats(1, 1e4))
def test_the_floor_gives_at_least_the_audits_asked_for_and_never_more_than_at_the_start(per_hour, wanted):
    floor = thinning(audits_per_hour=wanted).floor(per_hour)
    assert floor <= 0.08
    assert floor * per_hour >= min(wanted, 0.08 * per_hour) * (1 - 1e-9)


@given(st.floats(1, 1e7), st.floats(1, 1e4), st.sampled_from([0.01, 0.08, 0.16]))
def test_the_open_share_keeps_audits_within_what_reviewers_can_answer(per_hour, most, rate):
    share = thinning(audits_per_hour_max=most).open_share(rate, per_hour)
    assert 0 < share <= 1
    assert share * rate * per_hour <= max(most, 0) * 1.001 or share == 1.0


def test_the_rate_of_labels_is_that_of_about_the_last_hour():
    rate = LabelRate()
    for second in range(0, 7_200, 10):
        rate.hear(20.0, float(second))
    assert rate.per_hour(7_200.0) == pytest.approx(7_200.0, rel=0.02)
    assert rate.per_hour(7_200.0 + 36_000.0) < 10.0


def test_the_rate_is_unknown_at_first():
    rate = LabelRate()
    assert rate.per_hour(0.0) is None
    rate.hear(100.0, 0.0)
    assert rate.per_hour(599.0) is None
    assert rate.per_hour(600.0) is not None


def test_the_number_of_audits_grows_with_the_logarithm_of_the_stream():
    streams = [SimulatedStream(seed, lambda stream: 0.025).run(RECORDS) for seed in SEEDS]
    allowed = 26_000 if STREAMS else 11_000
    assert all(stream.audits <= allowed for stream in streams if not stream.alarms)
    assert sum(stream.not_met > 0 for stream in streams) <= max(1, len(streams) // 10)
    assert sum(bool(stream.alarms) for stream in streams) <= max(1, len(streams) // 5)
    assert sum(stream.broken_bounds + stream.broken_promises > 0 for stream in streams) <= len(streams) // 10
    assert all(stream.certificate.met for stream in streams)


def test_when_all_is_right_the_proven_error_becomes_a_small_part_of_the_target():
    stream = SimulatedStream(1, lambda stream: 0.0)
    proven = [stream.run(records).certificate.error_at_most for records in (5_000, 50_000, 500_000)]
    assert proven[0] > 5 * proven[1]
    assert max(proven[1:]) < 0.05 * stream.target


def test_a_jump_is_noticed_within_100_audits_however_rare_they_are():
    stream = SimulatedStream(1, lambda stream: 0.3 if stream.records > RECORDS * 0.75 else 0.01)
    stream.run(int(RECORDS * 0.75))
    before = stream.heard
    assert stream.ledger_rate <= 0.03
    while not stream.alarms and stream.records < RECORDS:
        stream.step()
    assert stream.alarms[0].kind == "errors"
    assert stream.audits_at_alarm[0] - before <= 100


def test_a_stream_that_errs_when_it_is_seldom_audited_gains_nothing():
    streams = [SimulatedStream(seed, waits_for_rarer_audits).run(RECORDS) for seed in SEEDS]
    assert all(stream.rarest_rate <= 0.03 for stream in streams)
    assert sum(stream.broken_bounds + stream.broken_promises > 0 for stream in streams) <= len(streams) // 10
