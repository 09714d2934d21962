"""What spoke for a label."""

import math

import pytest
from tests.core.compiled.compiled_cases import compiled, task_of, taught, usual_records

from winnow.core.batch_scores import BatchScores
from winnow.core.compiled import scorer
from winnow.core.explanation import MOST_TOLD, Spoke, spoken_for
from winnow.core.tokens import tokens

WEIGHTS = {"free": 2.0, "meeting": -1.5, "hello": 0.001}


def adding_up(records):
    """A logistic model: words and features each have a weight."""
    rows = []
    for record in records:
        odds = sum(WEIGHTS.get(word, 0.0) for word in tokens(record.get("text") or ""))
        odds += record.get("features", {}).get("links", 0.0)
        rows.append({"spam": 1 / (1 + math.exp(-odds)), "ham": 1 / (1 + math.exp(odds))})
    return BatchScores.from_rows(("spam", "ham"), rows)


def test_each_part_is_worth_what_the_model_loses_without_it():
    record = {"text": "Hello! FREE, free meeting", "features": {"links": 3.0, "hour": 4.0}}
    assert spoken_for(record, "spam", adding_up) == [
        Spoke("word", "free", 4.0),
        Spoke("feature", "links", 3.0),
        Spoke("word", "meeting", -1.5),
    ]


def test_nothing_is_told_of_a_label_that_the_model_would_not_give_now():
    assert spoken_for({"text": "free"}, "ham", adding_up) == []
    assert spoken_for({"text": "free"}, "eggs", adding_up) == []


def test_without_words_features_or_scores_there_is_nothing_to_tell():
    assert spoken_for({"embedding": [1.0]}, "spam", adding_up) == []
    nothing = BatchScores.from_rows(("spam", "ham"), [None, None])
    assert spoken_for({"text": "free"}, "spam", lambda _records: nothing) == []


@pytest.mark.parametrize("name", ["logistic", "text_logistic", "hoeffding_tree", "committee"])
def test_it_can_be_asked_of_every_compiled_model(name):
    task = task_of(input={"text": True})
    model = taught(task, name, usual_records(task, 80, seed=3))
    asked = scorer(compiled(task, name, model))
    said = []
    for record, _ in usual_records(task, 10, seed=4):
        scores = asked.score([record])[0]
        label = max(scores, key=scores.__getitem__)
        said += spoken_for(record, label, asked.score_batch)
    assert said
    assert all(each.kind in ("word", "feature") for each in said)
    assert len(said) <= 10 * MOST_TOLD
