"""Whole runs on a tiny file, in processes of their own, and the page that is made of them."""

import gzip
import json
import subprocess
import sys

import pytest
from benchmarks.data_sets import ELEC2
from benchmarks.forecast import Forecast, in_words
from benchmarks.risk_page import BEGIN, END, page, write_into
from benchmarks.risk_plan import RiskPlan, narrowed, whole
from benchmarks.risk_plots import plots
from benchmarks.risk_results import RiskResults, gather
from benchmarks.run_cache import REPOSITORY, RunCache
from benchmarks.run_jobs import Job, Runner, cheapest_first

from benchmarks import peer_run, replay_run, risk, risk_results


class Told:
    """An observer that remembers."""

    def __init__(self):
        self.order = []
        self.failures = []
        self.most = 0

    def began(self, job):
        self.order.append(job.row)

    def reached(self, job, records):
        self.most = max(self.most, records)

    def ended(self, job, failure):
        if failure:
            self.failures.append(failure.message)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A file of 600 records that is easy to label, in place of Elec2."""
    with gzip.open(tmp_path / ELEC2.file, "wt") as out:
        for place in range(600):
            features = dict.fromkeys(ELEC2.numbers, 0.5) | {"nswprice": float(place % 2)}
            out.write(json.dumps({"id": f"e{place}", "features": features, "label": ELEC2.labels[place % 2]}) + "\n")
    monkeypatch.setenv("WINNOW_DATA", str(tmp_path))
    return tmp_path


def test_a_replay_is_a_function_of_row_and_salt(tiny):
    told = []
    first = replay_run.replay("elec2/logistic/0.05/300", "s", lambda done, _: told.append(done))
    again = replay_run.replay("elec2/logistic/0.05/300", "s", lambda *_: None)
    assert {**first, "seconds": 0, "records_per_second": 0} == {**again, "seconds": 0, "records_per_second": 0}
    assert (first["records"], first["target"], first["model"]["name"]) == (300, 0.05, "logistic")
    assert first["conditions"]["delay_s"] == 200.0
    assert told[-1] == 300


def test_a_peer_that_pays_for_its_labels_and_one_that_does_not(tiny):
    own = peer_run.run("elec2/logistic/0.05/600/fixed_0.90", "0", lambda *_: None)["fixed_0.90"]
    assert own["records"] == 600
    assert own["auto"] > 100
    assert own["auto_errors"] == 0


@pytest.fixture
def scripted(tmp_path, monkeypatch):
    """Where scripted runs keep what came out."""
    monkeypatch.setenv("SCRIPTED_CACHE", str(tmp_path))
    return tmp_path


def _job(tmp_path, row, *, records=100, module="tests.benchmarks.scripted_run"):
    return Job(module, row, "s", "scripted", records, 100.0, RunCache(tmp_path, "c0de"))


def test_cheap_runs_come_first(tmp_path):
    jobs = [_job(tmp_path, "long", records=900), _job(tmp_path, "b"), _job(tmp_path, "a")]
    assert [job.row for job in cheapest_first(jobs)] == ["a", "b", "long"]


def test_a_run_that_fails_is_told_and_the_others_go_on(scripted):
    told = Told()
    failures = Runner(1, told).run([_job(scripted, "fails"), _job(scripted, "works")])
    assert [(failure.job.row, failure.message) for failure in failures] == [("fails", "this row cannot be run")]
    assert told.order == ["fails", "works"]
    assert told.most == 7
    assert _job(scripted, "works").is_done
    assert not _job(scripted, "fails").is_done


def test_changed_code_ends_all_runs(scripted):
    told = Told()
    Runner(1, told).run([_job(scripted, "changed"), _job(scripted, "works")])
    assert told.order == ["changed"]


def test_stopping_ends_what_runs_and_begins_nothing(scripted):
    told = Told()
    runner = Runner(1, told)
    told.reached = lambda *_: runner.stop()
    failures = runner.run([_job(scripted, "endless"), _job(scripted, "works")])
    assert told.order == ["endless"]
    assert [failure.message for failure in failures] == ["it was stopped"]


def test_a_process_ends_when_nobody_listens_any_more(scripted):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.scripted_run", "endless", "s", "c0de"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 1


def test_the_forecast_learns_the_speed_of_a_kind(tmp_path):
    job, forecast = _job(tmp_path, "row", records=1_000), Forecast()
    assert forecast.of(job) == 10.0
    forecast.learn(job, 50.0)
    assert forecast.of(job, done=600) == pytest.approx(20.0)
    assert forecast.all([job, job], at_a_time=2) == pytest.approx(50.0)


def test_durations_are_told_as_people_say_them():
    assert [in_words(seconds) for seconds in (40, 600, 7_200)] == ["40 s", "10 min", "2.0 h"]


def a_run(salt, auto=20_000, violations=0):
    return {
        "conditions": {"salt": salt},
        "coverage": auto / 49_097,
        "auto": auto,
        "auto_errors": 20,
        "auto_error": 0.001,
        "worst_window": 0.002,
        "audit_share": 0.08,
        "reviews": {"total": 49_097 - auto},
        "first_auto": 502,
        "alarms": [{"kind": "errors"}],
        "violations": violations,
        "checkpoints": 100,
        "allowances": 120.0,
        "best_fixed_threshold": {"coverage": 1.0},
    }


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.risk_plan.CACHE_FOLDER", tmp_path)
    return RiskPlan(narrowed(whole(2), ["shuttle/gaussian_naive_bayes/0.05", "flights/hoeffding_tree/0.1"]))


def finished(plan) -> RiskResults:
    shuttle, flights = sorted(plan.extent.rows, key=lambda row: row.data.name, reverse=True)
    for salt, auto in (("s", 44_000), ("s1", 45_000)):
        plan.replays.put(plan.replay_job(shuttle, salt).row, salt, a_run(salt, auto))
        plan.replays.put(plan.replay_job(flights, salt).row, salt, a_run(salt, 0))
    peer = {"coverage": 0.99, "auto": 48_000, "auto_error": 0.006, "worst_window": 0.012}
    for taught in ("every", "split"):
        job = plan.peer_job("shuttle/gaussian_naive_bayes", taught)
        plan.peers.put(job.row, job.seed, {"split": peer})
    return gather(plan)


def test_the_page_has_published_and_present_figures_and_says_what_is_reached(plan):
    text = page(finished(plan))
    assert "| Shuttle | Gaussian naive Bayes | 5 | 90.4 → **90.6** (89.6–91.7) | 0.28 → **0.04** |" in text
    assert "| 0 of 2 | 100.0 → 100.0 | yes |" in text
    assert "| Flights | Hoeffding tree | 10 | 0.5 → **0.0** (0.0–0.0) | 15.35 → **–** |" in text
    assert "99.0 / 0.6 / 1.2" in text
    assert "Rows reached: 2 of 2." in text
    assert "Not finished" not in text


def test_a_row_that_misses_salts_is_not_judged(plan):
    results = finished(plan)
    results.runs["shuttle/gaussian_naive_bayes/0.05"].pop()
    text = page(results)
    assert "**Not finished:** shuttle/gaussian_naive_bayes/0.05 (1 of 2)" in text
    assert "Rows reached: 1 of 1." in text


def test_a_broken_promise_is_counted(plan):
    plan.replays.put(plan.replay_job(plan.extent.rows[0], "s").row, "s", a_run("s", 0, violations=3))
    assert "at some checkpoint of 1 of 1 runs" in page(gather(plan))


def test_a_page_without_any_run_can_be_written(plan):
    assert "**Not finished:**" in page(gather(plan))
    assert set(plots(gather(plan))) == {"risk-coverage", "risk-error", "risk-peers"}


def test_pictures_are_whole_and_name_their_rows(plan):
    for name, picture in plots(finished(plan)).items():
        assert picture.startswith("<svg "), name
        assert picture.endswith("</svg>\n"), name
        assert "Shuttle, Gaussian naive Bayes" in picture, name


def test_results_go_between_the_marks_of_the_docs_page():
    old = f"# Page\n{BEGIN}\nold ![a](risk-a.svg)\n{END}\nrest\n"
    new = write_into(old, "new ![a](risk-a.svg)", "../benchmarks/results/")
    assert new == f"# Page\n{BEGIN}\n\nnew ![a](../benchmarks/results/risk-a.svg)\n{END}\nrest\n"
    with pytest.raises(ValueError, match="the page has no"):
        write_into("# Page\n", "new", "")


def test_the_docs_page_has_the_marks():
    text = risk.DOCS_PAGE.read_text()
    assert write_into(text, "new", "x").count(END) == 1


def test_the_raw_runs_are_json_with_the_versions_they_rest_on(plan):
    values = json.loads(json.dumps(finished(plan).as_values()))
    assert values["about"]["versions"].keys() == {"python", *risk_results.PACKAGES}
    assert len(values["runs"]["flights/hoeffding_tree/0.1"]) == 2
