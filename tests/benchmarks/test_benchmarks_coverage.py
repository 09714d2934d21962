"""The coverage benchmark: its rows, when one is reached, and what is written of runs that are known."""

import json

import pytest
from benchmarks.coverage_page import coverage_picture, page
from benchmarks.coverage_plan import SALTS, CoveragePlan, coverage_plan
from benchmarks.coverage_rows import COVERAGE_ROWS
from benchmarks.coverage_rule import judge, least_auto, most_error
from benchmarks.data_sets import DATA_SETS
from benchmarks.run_cache import RunCache

from winnow.core.models import build

BY_NAME = {row.name: row for row in COVERAGE_ROWS}


def run(coverage, error, violations=0):
    auto = round(10_000 * coverage)
    return {"coverage": coverage, "auto": auto, "auto_errors": round(auto * error), "violations": violations}


def known(tmp_path, rows, runs):
    cache = RunCache(tmp_path, "code")
    plan = CoveragePlan(tuple(rows), SALTS, None, cache)
    for job, values in zip(plan.jobs, runs, strict=False):
        cache.put(job.row, job.seed, values)
    return plan.gathered()


def test_there_are_all_data_sets_at_three_targets_and_each_is_a_task_with_a_committee():
    assert len(BY_NAME) == 18 == 3 * len(DATA_SETS)
    for row in COVERAGE_ROWS:
        task = row.data.task("committee", row.target)
        assert build(task, task.champion).labels == task.labels


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("newsgroups/committee/0.05", 56.7, 5.0),
        ("elec2/committee/0.05", 0.85 * 7.6, 5.0),
        ("covertype/committee/0.05", 0.85 * 6.4, 5.85),
        ("flights/committee/0.02", 0.0, 2.0),
    ],
)
def test_what_is_asked_for(name, least, most):
    assert least_auto(BY_NAME[name]) == pytest.approx(least)
    assert most_error(BY_NAME[name]) == pytest.approx(most)


def test_a_row_is_reached_by_its_mean_coverage_and_its_pooled_error():
    row = BY_NAME["newsgroups/committee/0.05"]
    assert judge(row, [run(0.50, 0.03), run(0.64, 0.03)]).passed
    assert not judge(row, [run(0.50, 0.03), run(0.63, 0.03)]).coverage
    assert not judge(row, [run(0.60, 0.06), run(0.60, 0.05)]).error


def test_the_page_tells_what_was_reached_and_what_is_missing(tmp_path):
    rows = [BY_NAME["shuttle/committee/0.05"], BY_NAME["newsgroups/committee/0.05"]]
    results = known(tmp_path, rows, [run(0.9, 0.002)] * 3 + [run(0.5, 0.03)])
    written = page(results)
    assert "Rows reached: 1 of 1." in written
    assert "| Shuttle | 5 % | 90.6 / 0.37 | 90.5 / 0.21 | **90.0** / **0.20** | 90.0–90.0 | 0.04 | yes |" in written
    assert "newsgroups/committee/0.05 (1 of 3)" in written
    assert "Newsgroups, 5 %" in coverage_picture(results)
    assert json.loads(json.dumps(results.as_values()))["about"]["salts"] == list(SALTS)


def test_a_quick_look_is_short_and_judges_nothing(tmp_path):
    plan = coverage_plan(DATA_SETS.keys(), ["spamassassin/*"], quick=True)
    assert [job.row for job in plan.jobs] == [f"spamassassin/committee/{target}/6000" for target in (0.02, 0.05, 0.1)]
    assert not plan.is_full
    quick = CoveragePlan(plan.rows, plan.salts, plan.records, RunCache(tmp_path, "code"))
    for job in quick.jobs:
        quick.cache.put(job.row, job.seed, run(0.5, 0.01))
    written = page(quick.gathered())
    assert "not judged" in written
    assert "No row is complete." in written
