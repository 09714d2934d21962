import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.risk.risk_story import Case, Story, task

from winnow.core.risk import RiskMonitor, RiskSettings
from winnow.core.risk.review_budget import ReviewBudget
from winnow_schemas.task import BudgetSpec

RIGHT = Case("a", 0.95, wrong=False)


def heard(budget, per_second, seconds, start=0.0):
    """The share after each second, and how many were asked in all."""
    shares, asked = [], 0.0
    for second in range(seconds):
        budget.hear(per_second, start + second)
        shares.append(budget.share)
        asked += per_second * budget.share
    return shares, asked


def test_a_share_stays_what_it_is():
    shares, _ = heard(ReviewBudget(BudgetSpec(share=0.2)), 1_000, 100)
    assert set(shares) == {0.2}


@pytest.mark.parametrize("per_second", [1, 30, 10_000])
def test_an_hour_of_any_stream_brings_no_more_requests_than_the_budget_after_its_first_minutes(per_second):
    budget = ReviewBudget(BudgetSpec(per_hour=600))
    _, first = heard(budget, per_second, 60)
    assert first < 200
    shares, asked = heard(budget, per_second, 3_600, start=60.0)
    assert asked <= 600 * 1.02
    assert asked >= min(600, 3_600 * per_second) * 0.5
    assert len(set(shares)) < 10


def test_the_share_follows_the_stream_down_and_up():
    budget = ReviewBudget(BudgetSpec(per_hour=600))
    slow = heard(budget, 1, 4_000)[0][-1]
    fast = heard(budget, 20, 8_000, start=4_000.0)[0][-1]
    again = heard(budget, 1, 20_000, start=12_000.0)[0][-1]
    assert fast < slow / 10
    assert again > slow / 2


@given(st.lists(st.tuples(st.integers(0, 100_000), st.floats(0, 5_000)), max_size=30))
def test_a_snapshot_goes_on_where_it_was(steps):
    budget, now = ReviewBudget(BudgetSpec(per_hour=600)), 0.0
    for records, after in steps:
        again = ReviewBudget(BudgetSpec(per_hour=600))
        again.restore(json.loads(json.dumps(budget.snapshot())))
        now += after
        assert budget.hear(records, now) == again.hear(records, now)
        assert budget.snapshot() == again.snapshot()
        assert budget.share is not None
        assert 0 < budget.share < 1


def test_the_share_stands_in_the_policy_and_audits_take_no_more_than_their_part():
    settings = replace(RiskSettings.of_replay(task()), audits_per_hour=0.0)
    story = Story(settings=settings, budget=BudgetSpec(share=0.04)).run([RIGHT] * 2_000)
    assert story.policy.review_share == 0.04
    assert story.policy.audit_rate * story.policy.open_share <= 0.04 * 0.75 * 1.2


def test_a_task_without_a_budget_says_nothing_of_a_share():
    story = Story().run([RIGHT] * 100)
    assert story.policy.review_share is None
    assert "budget" in RiskMonitor(task(), "id", 1).snapshot_head()
