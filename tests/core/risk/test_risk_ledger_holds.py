"""The bound against streams that try to break it. `WINNOW_RISK_STREAMS=2000` runs the full form."""

import os

import numpy as np
import pytest

from winnow.core.risk.ledger_bound import most_wrong

STREAMS = int(os.environ.get("WINNOW_RISK_STREAMS", "300"))
LABELS = 4_000
RISK = 0.05
ALLOWED = RISK + 3 * (RISK * (1 - RISK) / STREAMS) ** 0.5


def always_wrong(step, found, missed, rng):
    return np.ones(STREAMS, bool)


def seldom_wrong(step, found, missed, rng):
    return rng.random(STREAMS) < 0.05


def jump(step, found, missed, rng):
    return rng.random(STREAMS) < (0.005 if step < LABELS // 2 else 0.6)


def bursts(step, found, missed, rng):
    return np.full(STREAMS, step % 400 < 40)


def quits_when_caught(step, found, missed, rng):
    return found < 3


def errs_while_ahead(step, found, missed, rng):
    return missed > 11.5 * found - 20


@pytest.mark.parametrize("wrong", [always_wrong, seldom_wrong, jump, bursts, quits_when_caught, errs_while_ahead])
def test_the_bound_is_ever_exceeded_as_seldom_as_promised(wrong):
    assert share_broken(wrong, 0.08) <= ALLOWED


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_so_it_is_with_other_coins(rate):
    assert share_broken(always_wrong, rate) <= ALLOWED


def test_dropping_lost_answers_of_wrong_labels_would_break_the_bound_and_counting_them_does_not():
    rng = np.random.default_rng(7)
    found, counted, missed = np.zeros(STREAMS, int), np.zeros(STREAMS, int), np.zeros(STREAMS, int)
    dropped_broken, counted_broken = np.zeros(STREAMS, bool), np.zeros(STREAMS, bool)
    for _ in range(LABELS):
        audited = rng.random(STREAMS) < 0.08
        answered = rng.random(STREAMS) < 0.5
        missed += ~audited
        counted += audited
        found += audited & answered
        dropped_broken |= missed > bounds(found, 0.08)
        counted_broken |= missed > bounds(counted, 0.08)
    assert dropped_broken.mean() > 0.9
    assert counted_broken.mean() <= ALLOWED


def test_reviewers_who_overlook_errors_are_held_by_a_coin_that_finds_less():
    rng = np.random.default_rng(5)
    found, missed = np.zeros(STREAMS, int), np.zeros(STREAMS, int)
    ignored, allowed_for = np.zeros(STREAMS, bool), np.zeros(STREAMS, bool)
    for _ in range(LABELS):
        audited = rng.random(STREAMS) < 0.08
        found += audited & (rng.random(STREAMS) < 0.7)
        missed += ~audited
        ignored |= missed > bounds(found, 0.08)
        allowed_for |= missed > bounds(found, 0.08 * 0.7)
    assert ignored.mean() > 0.9
    assert allowed_for.mean() <= ALLOWED


def share_broken(wrong, rate):
    rng = np.random.default_rng(11)
    found, missed = np.zeros(STREAMS, int), np.zeros(STREAMS, int)
    broken = np.zeros(STREAMS, bool)
    for step in range(LABELS):
        is_wrong = wrong(step, found, missed, rng)
        audited = rng.random(STREAMS) < rate
        found += is_wrong & audited
        missed += is_wrong & ~audited
        broken |= missed > bounds(found, rate)
    return broken.mean()


def bounds(found, rate):
    table = np.array([most_wrong(d, rate, RISK) for d in range(int(found.max()) + 1)])
    return table[found]
