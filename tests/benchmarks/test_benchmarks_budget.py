"""The budget benchmark: courses of few records, and what is written of runs that are known."""

import pytest
from benchmarks.budget_page import budget_picture, page
from benchmarks.budget_plan import OURS, PACKAGED, SALTS, BudgetPlan, budget_plan
from benchmarks.budget_run import BASE, SHARE, STRATEGIES, Asked, Course, WithinBudget, task_of
from benchmarks.data_sets import DATA_SETS
from benchmarks.run_cache import RunCache

from winnow.core.models import RecordReader

SHUTTLE = DATA_SETS["shuttle"]


def record(offset):
    features = {name: float(offset % 7 == 0) for name in SHUTTLE.numbers}
    return {"features": features}, "anomaly" if offset % 7 == 0 else "normal"


def follow(asking, records=700):
    task = task_of(SHUTTLE, "default")
    course, reader = Course(task, asking), RecordReader(task)
    for offset in range(records):
        body, label = record(offset)
        course.record(offset, body, reader.read(body).values, label)
    return course.values()


@pytest.mark.parametrize("strategy", ["within_windows", "default"])
def test_a_model_learns_what_was_asked_and_no_more_is_asked_than_the_budget(strategy):
    values = follow(WithinBudget(task_of(SHUTTLE, strategy), "s"))
    assert values["most_in_a_window"] <= 1_000 * SHARE
    assert 0 < values["asked"] < 1.5 * SHARE
    assert values["tenths"][:2] == [0.0, 0.0], "no answer is in yet"
    assert values["tenths"][-1] == 1.0


def test_who_asks_nobody_learns_nothing():
    class Nobody:
        def asks(self, offset, record, said):
            return Asked(is_asked=False)

    assert follow(Nobody(), 300)["accuracy"] == 0.0


def known(tmp_path, gains):
    plan = BudgetPlan((SHUTTLE,), (BASE, OURS[0]), SALTS[:3], 100, RunCache(tmp_path, "code"))
    for job in plan.jobs:
        gain = gains[job.seed] if OURS[0] in job.row else 0.0
        plan.cache.put(job.row, job.seed, {"accuracy": 0.9 + gain, "asked": 0.09, "most_in_a_window": 99})
    return plan.gathered()


def test_gains_are_paired_by_salt_and_have_an_interval(tmp_path):
    results = known(tmp_path, dict(zip(SALTS, (0.01, 0.02, 0.03), strict=False)))
    gain = results.gain(SHUTTLE, OURS[0])
    assert (gain.mean, gain.salts) == (pytest.approx(2.0), 3)
    assert gain.half == pytest.approx(4.303 / 3**0.5, abs=1e-3)
    assert not gain.is_better
    assert known(tmp_path, dict.fromkeys(SALTS, 0.02)).gain(SHUTTLE, OURS[0]).is_better


def test_the_page_says_where_it_helps_and_where_not(tmp_path):
    written = page(known(tmp_path, dict.fromkeys(SALTS, 0.02)))
    assert "on 1 of 1: Shuttle. Worse by more than 0.5 points: nowhere." in written
    assert "| 92.0 (+2.0 ± 0.0) | 9.0 % | 99 |" in written
    worse = known(tmp_path, dict.fromkeys(SALTS, -0.02))
    assert "on 0 of 1: none. Worse by more than 0.5 points: Shuttle." in page(worse)
    assert budget_picture(worse).startswith("<svg")


def test_all_strategies_are_there_and_the_others_are_run_with_few_salts():
    plan = budget_plan(DATA_SETS, ["*"], quick=False)
    assert plan.is_full
    assert {BASE} | STRATEGIES.keys() | PACKAGED.keys() == set(plan.strategies)
    assert len(plan.jobs) == 6 * (2 * 10 + 8 * 3)
    assert not budget_plan(DATA_SETS, ["default"], quick=False).is_full
