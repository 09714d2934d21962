import pytest
from benchmarks.pass_rule import judge, least_auto, most_error, pooled_error, promise
from benchmarks.risk_rows import ROWS_BY_NAME

SHUTTLE = ROWS_BY_NAME["shuttle/logistic/0.05"]  # published: 90.7 % at .34 % wrong
COVERTYPE = ROWS_BY_NAME["covertype/logistic/0.1"]  # 15.0 % at 8.37 %
HARD = ROWS_BY_NAME["covertype/logistic/0.02"]  # 0.6 % at 3.46 %
FLIGHTS = ROWS_BY_NAME["flights/logistic/0.1"]  # 0.1 % at 13.33 %
RANGED = ROWS_BY_NAME["elec2/logistic/0.05"]  # five salts: 3.6-5.2 % at 4.7-8.5 %


def run(records, auto, wrong, *, violations=0, allowances=0.0):
    return {
        "coverage": auto / records,
        "auto": auto,
        "auto_errors": wrong,
        "violations": violations,
        "allowances": allowances,
    }


def test_a_row_as_good_as_published_is_reached():
    verdict = judge(SHUTTLE, [run(1_000, 907, 3)] * 5)
    assert (verdict.coverage, verdict.error, verdict.passed) == (True, True, True)


def test_three_points_less_coverage_still_count_and_more_do_not():
    assert judge(SHUTTLE, [run(10_000, 8_770, 3)]).coverage
    assert not judge(SHUTTLE, [run(10_000, 8_769, 3)]).coverage


def test_below_twenty_per_cent_the_tolerance_is_relative():
    assert least_auto(COVERTYPE) == pytest.approx(12.75)


def test_below_two_per_cent_nothing_has_to_be_labelled():
    assert judge(HARD, [run(50_000, 0, 0)]).passed


def test_flights_must_stay_in_review():
    assert judge(FLIGHTS, [run(10_000, 100, 10)]).coverage
    assert not judge(FLIGHTS, [run(10_000, 101, 10)]).coverage


def test_a_range_over_salts_replaces_the_single_figure():
    assert least_auto(RANGED) == 3.6
    assert most_error(RANGED) == 8.5


def test_coverage_is_the_mean_of_the_salts():
    assert judge(RANGED, [run(1_000, auto, 0) for auto in (10, 20, 36, 50, 64)]).coverage


def test_error_may_exceed_the_published_by_half_a_point_or_reach_the_target():
    assert most_error(COVERTYPE) == 10.0
    assert most_error(ROWS_BY_NAME["elec2/adaptive_random_forest/0.1"]) == pytest.approx(11.39)
    assert most_error(ROWS_BY_NAME["flights/logistic/0.02"]) == 2.0


def test_too_many_wrong_labels_fail_the_row_when_many_were_released():
    assert not judge(SHUTTLE, [run(1_000, 907, 46, allowances=999.0)]).error


def test_where_few_were_released_the_allowance_counts():
    few = run(50_000, 499, 49, allowances=40.0)  # fewer than 10/.02 labels; .02·499 + 40 = 49.98
    assert judge(HARD, [few]).error
    assert not judge(HARD, [{**few, "auto_errors": 50}]).error
    assert not judge(HARD, [{**few, "auto": 500, "coverage": 0.01}]).error


def test_each_run_has_to_be_within_its_allowance():
    assert not judge(HARD, [run(50_000, 100, 0, allowances=90.0), run(50_000, 100, 93, allowances=90.0)]).error


def test_the_promise_may_be_broken_in_one_run_of_twenty():
    kept, broken = run(1_000, 907, 3), run(1_000, 907, 3, violations=1)
    assert promise([kept] * 19 + [broken]).is_kept
    assert "of 2 of 21 runs" in str(promise([kept] * 19 + [broken] * 2))
    assert "**not kept**" in str(promise([kept] * 19 + [broken] * 2))


def test_errors_are_pooled_over_runs_so_that_a_run_of_few_labels_weighs_little():
    assert pooled_error([run(1_000, 5, 3), run(1_000, 995, 7)]) == pytest.approx(0.01)
    assert pooled_error([run(1_000, 0, 0)]) is None
