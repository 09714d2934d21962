"""The speed benchmark's arithmetic: windows, ratios, tables, cache keys and plans; no broker."""

import json
import os
import re
from dataclasses import replace
from itertools import islice

import pytest
from benchmarks.marked_page import replaced
from benchmarks.speed import latency, scale
from benchmarks.speed.clients import PASS_THROUGH, PEERS, RIVER_LOOP, WINNOW
from benchmarks.speed.code import code_of
from benchmarks.speed.cost_model import Workload, cost
from benchmarks.speed.latency import Latency
from benchmarks.speed.loops import transactions
from benchmarks.speed.measuring import ClientFailed, Extent, Measured, Sample, Window, measured, require_labels
from benchmarks.speed.paced import SHAPE, due_at, number_of
from benchmarks.speed.page import page, readme_part
from benchmarks.speed.pipeline import Pipeline
from benchmarks.speed.plan import QUICK, WHOLE, SpeedPlan
from benchmarks.speed.plot import plot
from benchmarks.speed.processor import cpu_seconds
from benchmarks.speed.results import SpeedResults, Spread, gather
from benchmarks.speed.rows import COMPARISONS, ROWS
from benchmarks.speed.speed_files import BEGIN, END, README
from benchmarks.speed.streams import Shape, records, verdicts

from winnow.scorer import app as scorer_app
from winnow_schemas.codec import decode_record

EXTENT = Extent(warm_up=100, cpu_s=1.0, seconds=10.0, within_s=1.0)


def seen(window, *samples):
    results = [window.see(Sample(*each)) for each in samples]
    assert all(result is None for result in results[:-1])
    return results[-1]


def test_a_window_opens_after_the_warm_up_and_closes_when_enough_was_used():
    result = seen(Window(EXTENT, 10_000), (50, 0.5, 1.0), (150, 0.6, 2.0), (500, 1.0, 3.0), (1_150, 1.7, 4.0))
    assert result == Measured(records=1_000, cpu_s=pytest.approx(1.1), seconds=pytest.approx(2.0))
    assert result.cpu_us == pytest.approx(1_100.0)


def test_what_is_used_without_a_commit_counts_to_the_next_one():
    result = seen(Window(EXTENT, 10_000), (100, 0.0, 1.0), (100, 5.0, 2.0), (200, 5.5, 3.0))
    assert result == Measured(records=100, cpu_s=5.5, seconds=2.0)


def test_a_window_closes_with_the_time_and_with_the_stream():
    assert seen(Window(EXTENT, 10_000), (100, 0.0, 1.0), (200, 0.1, 11.5)) == Measured(100, 0.1, 10.5)
    assert seen(Window(EXTENT, 200), (100, 0.0, 1.0), (200, 0.1, 1.5)) == Measured(100, 0.1, 0.5)


class Counting:
    """So many records more at each look."""

    def __init__(self, each: int) -> None:
        self.each = each
        self.seen = 0

    def count(self) -> int:
        self.seen += self.each
        return self.seen

    def close(self) -> None: ...


def test_a_client_that_ends_or_stands_still_has_failed():
    with pytest.raises(ClientFailed, match="it ended"):
        measured(Window(EXTENT, 10_000), Counting(0), lambda: 0.0, lambda: True)
    short = Extent(warm_up=100, cpu_s=1.0, seconds=10.0, within_s=0.0)
    with pytest.raises(ClientFailed, match="not done within"):
        measured(Window(short, 10_000), Counting(0), lambda: 0.0, lambda: False)


def test_a_client_is_looked_at_until_the_window_closes():
    assert measured(Window(EXTENT, 300), Counting(100), lambda: 0.0, lambda: False).records == 200


def test_a_client_that_hardly_labels_has_failed():
    require_labels(900, 100)
    require_labels(1_000, 0)
    with pytest.raises(ClientFailed, match="champion refused"):
        require_labels(400, 600)


def test_processor_time_goes_on():
    before = cpu_seconds(os.getpid())
    sum(range(3_000_000))
    assert cpu_seconds(os.getpid()) > before >= 0.0


def test_streams_are_the_same_each_time_and_keep_the_contract():
    shape = Shape("table", 2, features=18)
    first, again = list(records(shape, 50)), list(records(shape, 50))
    assert first == again
    assert 270 <= len(first[0][1]) <= 310
    assert [decode_record(value)["id"].encode() for _, value in first] == [key for key, _ in first]


def test_verdicts_have_the_whole_vocabulary_and_are_no_part_of_the_stream():
    shape = Shape("text", 2, vocabulary=500)
    taught = list(verdicts(shape, 50))
    assert len({word for record, _ in taught for word in record["text"].split()}) == 500
    streamed = {decode_record(value)["text"] for _, value in records(shape, 50)}
    assert not streamed & {record["text"] for record, _ in taught}
    assert {label for _, label in taught} == {"label0", "label1"}


def test_a_pipeline_goes_through_the_environment(monkeypatch, tmp_path):
    given = Pipeline("host:1", "group", "r", "l", "q", "logistic", 0.75, tmp_path / "verdicts", tmp_path)
    for name, value in given.as_environment().items():
        monkeypatch.setenv(name, value)
    assert Pipeline.of_environment() == given


def test_each_peer_has_pinned_versions_and_no_index():
    for peer in PEERS:
        lock = peer.lock.read_text()
        assert "--hash=sha256:" in lock, peer.name
        assert not re.search(r"^--(extra-)?index-url", lock, re.MULTILINE), peer.name


def test_each_comparison_has_its_programs():
    programs = {(row.name, program.name) for row in ROWS for program in row.programs}
    for comparison in COMPARISONS:
        assert (comparison.row, comparison.other) in programs
        assert (comparison.row, WINNOW.name) in programs


def test_loops_have_the_batches_of_the_scorer():
    assert (scorer_app._POLICY.batch_size, scorer_app._POLICY.max_wait_s) == (transactions.BATCH, transactions.WAIT_S)


def test_programs_rest_on_code_of_their_own():
    assert len({code_of(program) for program in (WINNOW, RIVER_LOOP, *PEERS)}) == 2 + len(PEERS)
    assert code_of(PASS_THROUGH) == code_of(RIVER_LOOP)


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.speed.plan.CACHE_FOLDER", tmp_path)
    return SpeedPlan(WHOLE, 5)


def a_run(cpu_us, per_second=1_000.0):
    return {
        "records": 1_000,
        "cpu_s": cpu_us / 1_000,
        "seconds": 1.0,
        "cpu_us": cpu_us,
        "records_per_second": per_second,
    }


def finished(plan) -> SpeedResults:
    for run in plan.runs():
        cost = {"winnow": 8.0, "passthrough": 2.0}.get(run.program.name, 80.0)
        plan.keep(run, a_run(cost + run.round))
    return gather(plan)


def test_a_plan_goes_round_by_round_and_every_other_round_backwards(plan):
    first, second = (list(islice(plan.runs(), 7 * number + 10 * number, 7 + 17 * number)) for number in (0, 1))
    assert {run.round for run in first} == {0}
    assert [run.program for run in first] == [run.program for run in reversed(second)]
    assert plan.is_whole
    assert not SpeedPlan(QUICK, 5).is_whole
    assert not SpeedPlan(WHOLE, 5, ["logistic/*"]).is_whole
    assert {run.name for run in SpeedPlan(QUICK, 1, ["softmax/*"]).runs()} == {"softmax/winnow", "softmax/river"}


def test_what_is_kept_is_known_for_this_extent_only(plan):
    run = next(plan.runs())
    assert plan.known(run) is None
    plan.keep(run, a_run(8.0))
    assert plan.known(run) == a_run(8.0)
    assert SpeedPlan(QUICK, 1).known(run) is None


def test_a_ratio_is_the_median_of_pairs_of_one_round():
    runs = {
        "logistic": {
            "winnow": {0: a_run(10.0), 1: a_run(20.0), 3: a_run(1.0)},
            "quix": {0: a_run(100.0), 1: a_run(100.0)},
        }
    }
    quix = next(one for one in COMPARISONS if one.name == "quix")
    assert SpeedResults(runs, {}).ratio(quix) == Spread(7.5, 5.0, 10.0)
    assert SpeedResults({}, {}).ratio(quix) is None


def test_values_for_programs_have_all_ratios_beside_the_runs_and_versions(plan):
    values = json.loads(json.dumps(finished(plan).as_values()))
    assert set(values["ratios"]) == {one.name for one in COMPARISONS}
    assert values["ratios"]["passthrough"] == pytest.approx(0.4)
    assert values["ratios"]["faust"] == pytest.approx(8.2)
    assert len(values["runs"]["logistic"]["bytewax"]) == 5
    assert {"python", "kafka", "river", "quixstreams", "faust-streaming"} <= values["about"]["versions"].keys()


def test_the_page_says_what_is_reached_and_what_is_not(plan):
    text = page(finished(plan))
    assert "| **Winnow** | exactly once | 10.0 (8.00–12.0) | 1,000 |  |  |" in text
    assert "| Faust, tuned | at least once | 82.0 (80.0–84.0) | 1,000 | 8.20 (7.00–10.0) | ≥ 40: **missed** |" in text
    assert "| 0.40 (0.25–0.50) | ≥ 0.25: reached |" in text
    assert "Not measured" not in text


def test_a_page_without_any_run_can_be_written(plan):
    results = gather(plan)
    assert "**Not measured:** forest/river" in page(results)
    assert plot(results).endswith("</svg>\n")


def test_the_picture_names_everybody(plan):
    picture = plot(finished(plan))
    for program in (WINNOW, PASS_THROUGH, *PEERS):
        assert program.title in picture


def test_the_readme_has_the_marks_and_takes_the_tables(plan):
    text = replaced(README.read_text(), BEGIN, END, readme_part(finished(plan)))
    assert "| Bytewax |" in text
    assert replaced(text, BEGIN, END, "").count(END) == 1


def test_a_producer_that_is_late_makes_no_latency_shorter():
    keys = [key for key, _ in records(SHAPE, 3)]
    assert [due_at(number_of(key), 1_000, 50.0) for key in keys] == pytest.approx([50.0, 50.001, 50.002])


def test_latencies_are_told_in_milliseconds_by_rate():
    measured = Latency.of([place / 1_000 for place in range(101)])
    assert measured == pytest.approx((50.0, 95.0, 99.0, 100.0, 101))
    assert "| 1,000 | 50 | 95 | 99 | 100 | 99, 99 |" in latency.table({1_000: [measured, measured]})


def test_longer_records_more_labels_and_more_reviews_cost_more():
    base = Workload("softmax", 300, 18, 0, 0, 7, 0.05)
    for change in ({"record_bytes": 600}, {"numbers": 36}, {"labels": 14}, {"reviewed": 0.5}):
        assert cost(replace(base, **change)).total > cost(base).total


def test_each_row_of_the_scale_has_a_cost():
    for row in scale.sized_rows(ends_only=False):
        assert cost(Workload.of(row)).total > 0.0, row.name


def test_the_scale_says_what_a_second_scorer_brings_and_how_far_the_model_is():
    values = {
        "about": {"commit": "c0de", "machine": {"cores": 2}, "unit": 1.0},
        "costs": [{"row": "labels 100", "cpu_us": 20.0, "model_us": 22.0}],
        "processes": {"1": [10_000.0, 20_000.0], "2": [15_000.0, 28_000.0], "ratios": [1.5, 1.4]},
    }
    text = scale.page(values)
    assert "**1.45 times** as many (1.40–1.50 over 2 rounds; wanted ≥ 1.3)" in text
    assert "| labels 100 | 20.0 | 22.0 | +10 % |" in text
