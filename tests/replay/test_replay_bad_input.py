"""Tasks and files that ask for too much or hold too little."""

import json

import pytest
from tests.replay.replay_story import RIGHT, Said, Told, task

from winnow.cli import main

TASK = "task: sizes\nlabels: {labels}\ninput: {{features: {{size: number}}}}\ntarget: {target}\n"


@pytest.mark.parametrize(
    ("labels", "target", "reasons"),
    [
        ("[small, large]", "{error: 0.31}", ["error", "at most 0.3", "drift alarm was never measured"]),
        ("[small, large]", "{error: -0.1}", ["error", "greater than or equal to 0"]),
        ("[small, large]", "{error: .nan}", ["error", "finite"]),
        ("[small, large]", "{confidence: 1}", ["confidence", "less than 1"]),
        ("[small, large]", "{confidence: 0}", ["confidence", "greater than 0"]),
        ("[small]", "{error: 0.1}", ["labels", "at least 2"]),
        ("[small, small]", "{error: 0.1}", ["labels", "once only"]),
    ],
)
def test_a_task_that_cannot_be_kept_is_refused_with_the_reason(labels, target, reasons, tmp_path, capsys):
    (tmp_path / "task.yaml").write_text(TASK.format(labels=labels, target=target))
    (tmp_path / "sizes.jsonl").write_text(json.dumps({"features": {"size": 1.0}, "label": "small"}))

    assert main(["replay", str(tmp_path / "sizes.jsonl"), "--task", str(tmp_path / "task.yaml")]) == 2

    complaint = capsys.readouterr().err
    assert all(reason in complaint for reason in reasons)


def test_a_confidence_of_almost_1_costs_labels_and_breaks_nothing():
    sure = task(target_confidence=0.999999)

    told = Told([RIGHT] * 900, of=sure)

    assert told.values["auto"] > 0
    assert told.values["certificate"]["confidence"] == 0.999999
    assert told.values["certificate"]["wrong_at_most"] > Told([RIGHT] * 900).values["certificate"]["wrong_at_most"]


def test_a_label_that_never_comes_is_no_hindrance():
    told = Told([RIGHT] * 600)

    assert told.values["auto"] > 300
    assert told.values["auto_errors"] == 0
    assert "b" not in told.values["labels"]


def test_a_label_that_the_machine_never_gives_makes_it_wrong_and_nothing_else():
    told = Told([Said("a", 0.95, "a" if number % 10 else "b") for number in range(900)])

    assert told.values["violations"] == 0
    assert told.values["labels"]["b"]["records"] == 90
    assert told.values["labels"]["b"]["predicted"] == 0


@pytest.mark.parametrize(("says", "sure"), [("a", 1.0), ("b", 0.0), ("a", 0.5)])
def test_scores_of_exactly_0_and_1_are_scores_like_others(says, sure):
    told = Told([Said(says, sure, "a")] * 600)

    assert told.values["model"]["scored"] == 600 - 20
    assert told.values["auto"] > 300
    assert {line["label"] for line in told.decisions[30:]} == {"a"}


def test_scores_that_are_no_probabilities_are_counted_as_records_without_a_score():
    told = Told([RIGHT] * 200, of=task(model="python: tests.replay.scripted_model:build_without_numbers"))

    assert told.values["reviews"]["total"] == 200
    assert told.values["model"]["scored"] == 0
    assert told.replay.monitor.parts.scopes[0].window.count == 0
