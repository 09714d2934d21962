import pytest
from benchmarks.data_sets import DATA_SETS, DataFolder
from benchmarks.risk_plan import RiskPlan, narrowed, quick, whole, with_data
from benchmarks.risk_rows import ROWS, read_table

from winnow.core.models import build
from winnow.runtime.errors import UsageError


def test_the_table_has_all_rows_each_once():
    assert len(ROWS) == len({row.name for row in ROWS}) == 37
    assert {row.data.name for row in ROWS} == set(DATA_SETS)


def test_a_row_reads_as_it_is_written():
    (row,) = read_table("elec2 logistic 0.1 10.0 8.73 12.7 12.4 40800 501 3/3 28.6")
    was = row.published
    assert row.name == "elec2/logistic/0.1"
    assert (was.auto, was.error, was.worst_window, was.audit, was.best) == (10.0, 8.73, 12.7, 12.4, 28.6)
    assert (was.reviews, was.first, was.error_alarms, was.ledger_alarms) == (40_800, 501, 3, 3)
    assert row.five_salts is not None


def test_a_row_where_nothing_was_released_has_no_error():
    (row,) = read_table("flights logistic 0.02 0.0 - - - 50000 - 0/0 0.0")
    assert (row.published.error, row.published.worst_window, row.published.first) == (None, None, None)


def test_published_shares_and_reviews_fit_together():
    for row in ROWS:
        labelled = 1.0 - row.published.reviews / row.data.length
        assert 100.0 * labelled >= row.published.auto - 0.1, row.name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_is_a_task_with_a_model(row):
    task = row.data.task(row.model, row.target)
    assert task.target.error == row.target
    assert build(task, task.champion).predict_proba_one({}) == dict.fromkeys(task.labels, 1 / len(task.labels))


def test_a_missing_file_is_told_with_its_source_and_its_rows_are_left_out(tmp_path):
    folder = DataFolder(str(tmp_path))
    problems = folder.problems()
    assert set(problems) == set(DATA_SETS)
    assert "scikit-multiflow" in problems["elec2"]
    assert "WINNOW_DATA" in problems["elec2"]
    with pytest.raises(UsageError, match=r"elec2\.jsonl\.gz"):
        folder.file(DATA_SETS["elec2"])
    left = with_data(whole(5), DATA_SETS.keys() - {"elec2"})
    assert not any("elec2" in job.row for job in RiskPlan(left).jobs)


def test_another_file_of_that_name_is_not_measured(tmp_path):
    (tmp_path / "shuttle.jsonl.gz").write_bytes(
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    )
    assert "is not the file" in DataFolder(str(tmp_path)).problems()["shuttle"]


def test_a_full_run_does_every_row_under_five_salts_and_every_peer():
    plan = RiskPlan(whole(5))
    jobs = plan.jobs
    assert plan.extent.is_full
    assert sum(job.module.endswith("replay_run") for job in jobs) == 5 * 37
    assert sum(job.module.endswith("peer_run") for job in jobs) == 6 * (1 + 9)
    assert len({(job.module, job.row, job.seed) for job in jobs}) == len(jobs)


def test_a_short_run_is_another_run_than_a_full_one():
    short = RiskPlan(quick()).jobs
    assert {job.row for job in short}.isdisjoint({job.row for job in RiskPlan(whole(5)).jobs})
    assert not quick().is_full


def test_rows_are_chosen_by_their_names():
    chosen = narrowed(whole(2), ["shuttle/*", "elec2/logistic/0.1"])
    assert {row.name for row in chosen.rows if row.data.name == "elec2"} == {"elec2/logistic/0.1"}
    assert chosen.pairs == ("shuttle/gaussian_naive_bayes",)
    assert not chosen.is_full
