"""A compiled committee votes and scores as the committee itself, to the last bit, alone and among many."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.compiled.compiled_cases import compiled, records, task_of, usual_records

from winnow.core.compiled import Delta, Series, compile_model, scorer
from winnow.core.models import RecordReader, build, learn, opinion
from winnow.core.models.committee import committee_of, model_member
from winnow.core.voting import Votes

INPUTS = {
    "text": {"text": True, "features": {}, "embedding": None},
    "table": {"embedding": None},
    "embedding": {"features": {}},
    "mixed": {"text": True},
    "no category": {"features": {"size": "number"}, "embedding": None},
    "no number": {"features": {"sender": "category"}, "embedding": None},
    "many columns": {"features": {f"f{n}": "number" for n in range(25)}, "embedding": None},
}
EXTREMES = [
    {"features": {}, "text": ""},
    {"features": {"size": 1e99, "weight": -1e99, "sender": "anna"}, "embedding": [1e99, -1e99], "text": "win " * 900},
    {"features": {"size": 5e-324, "sender": "never seen", "tone": ""}, "embedding": [5e-324, 0.0]},
    {
        "features": {"known": 1.0, "size": True, "sender": 3.0, "f1": 2.0},
        "embedding": [1.0],
        "text": "😀 unknown unknown",
    },
]


FUNCTIONS = {"file": "rules.py", "names": ["one", "two", "three"]}


def committee_task(kind, labels=3, **more):
    return task_of(labels, input=INPUTS[kind], **more)


def heard_of(task, records):
    """What labelling functions say: of some records one, two or all of them, of others none, of a label not known."""
    chances = [random.Random(str(sorted(record.get("features", {}).items()))) for record in records]
    labels = (*task.labels, "no label")
    return [{name: chance.choice(labels) for name in task.functions if chance.random() < 0.6} for chance in chances]


def teach(task, model, verdicts):
    """As a learner does: the pool learns from the votes of the decision."""
    reader = RecordReader(task)
    for record, label in verdicts:
        (heard,) = heard_of(task, [record])
        values = reader.read(record, heard if task.functions else None).values
        votes = model.votes_one(values)
        assert learn(model, values, label, None)
        model.model.pool.learn(votes.aligned(votes.members, tuple(model.model.rows)), model.model.rows[label], 2.0)
    return model


def taught(task, verdicts):
    return teach(task, build(task, "committee"), verdicts)


def assert_same(task, model, ready, fresh):
    reader = RecordReader(task)
    heard = heard_of(task, fresh) if task.functions else None
    said = ready.score_batch(fresh, heard)
    assert ready.pooling == model.weights
    for place, (record, row) in enumerate(zip(fresh, said.table.tolist(), strict=True)):
        expected = opinion(model, reader.read(record, heard[place] if heard else None).values)
        assert dict(zip(said.labels, row, strict=True)) == expected.scores
        assert said.votes.of(place) == expected.votes
    if not heard:
        assert np.array_equal(ready.score_matrix(fresh), said.table, equal_nan=True)


@pytest.mark.parametrize("kind", INPUTS)
def test_so_they_are_with_labelling_functions_beside(kind):
    task = committee_task(kind, labelling_functions=FUNCTIONS)
    model = taught(task, usual_records(task, 120, seed=1))
    ready = scorer(compiled(task, "committee", model))
    fresh = [record for record, _ in usual_records(task, 60, seed=2)]
    assert_same(task, model, ready, fresh + EXTREMES)
    assert ready.score_batch(fresh).votes.logs[:, -3:].any() == np.False_


@pytest.mark.parametrize("kind", INPUTS)
def test_votes_and_scores_are_those_of_the_committee(kind):
    task = committee_task(kind)
    model = taught(task, usual_records(task, 120, seed=1))
    fresh = [record for record, _ in usual_records(task, 60, seed=2)]
    assert_same(task, model, scorer(compiled(task, "committee", model)), fresh + EXTREMES)


@settings(max_examples=10, deadline=None)
@given(st.data(), st.sampled_from(["text", "table", "mixed"]))
def test_so_they_are_whatever_it_has_learned(data, kind):
    task = committee_task(kind, labels=2)
    verdicts = data.draw(st.lists(st.tuples(records(), st.sampled_from(task.labels)), max_size=12))
    fresh = data.draw(st.lists(records(), min_size=1, max_size=5))
    ready = scorer(compiled(task, "committee", taught(task, verdicts)))
    assert_same(task, taught(task, verdicts), ready, fresh + [record for record, _ in verdicts])


def test_a_label_that_reviewers_add_has_votes_too():
    task = committee_task("mixed", open_labels=True, labelling_functions=FUNCTIONS)
    model = taught(task, usual_records(task, 60, seed=3))
    added = {"features": {"sender": "radio", "size": 20.0}, "text": "election storm"}
    teach(task, model, [(added, "weather")] * 5)
    assert_same(task, model, scorer(compiled(task, "committee", model)), [added, *EXTREMES])


def test_no_records_have_no_votes():
    task = committee_task("mixed")
    said = scorer(compiled(task, "committee", taught(task, usual_records(task, 20, seed=4)))).score_batch([])
    assert said.table.shape == (0, 3)


@pytest.mark.parametrize("functions", [None, FUNCTIONS], ids=["", "functions"])
@pytest.mark.parametrize("kind", ["text", "table", "mixed"])
def test_a_scorer_that_follows_deltas_is_where_the_committee_is(kind, functions, monkeypatch):
    monkeypatch.setattr("winnow.core.compiled.series.SMALL_BYTES", 0)
    task = committee_task(kind, labelling_functions=functions)
    model, series = build(task, "committee"), Series(task, "committee")
    stream = [
        (record | {"text": f"{record['text']} {' '.join(f'word{n}x{word}' for word in range(9))}"}, label)
        for n, (record, label) in enumerate(usual_records(task, 240, seed=5))
    ]
    fresh, deltas = [record for record, _ in usual_records(task, 20, seed=6)] + EXTREMES, 0
    for version, (first, last) in enumerate([(0, 200), (200, 201), (201, 230), (230, 231), (231, 232)], 1):
        teach(task, model, stream[first:last])
        delta = series.delta(model, version)
        if delta is None:
            ready = scorer(series.full(model, version))
        else:
            deltas += 1
            ready = ready.advanced(Delta.from_bytes(delta.to_bytes(), task))
        series.published()
        assert (ready.version, ready.digest) == (version, series._published.digest)
        assert_same(task, model, ready, fresh)
    assert deltas >= 2


def test_a_delta_that_does_not_go_on_from_here_changes_nothing():
    task = committee_task("mixed")
    stream, made = list(usual_records(task, 60, seed=7)), []
    model = build(task, "committee")
    for first, last in ((0, 40), (40, 50), (50, 60)):
        teach(task, model, stream[first:last])
        made.append(compile_model(task, "committee", model, last))
    series = Series(task, "committee")
    series._published = series._stand_of(made[1], model)
    ready = scorer(made[0])
    before = ready.score_matrix(EXTREMES)
    delta = series.delta(model, 60)
    if delta is not None:
        with pytest.raises(ValueError, match="wait for the next full snapshot"):
            ready.advanced(delta)
    assert ready.version == 40
    assert np.array_equal(ready.score_matrix(EXTREMES), before)


def test_a_committee_with_a_foreign_model_is_asked_record_by_record():
    task = committee_task("table")
    model = committee_of(task, (model_member("bert"),))
    assert compile_model(task, "committee", model, 1) is None


@pytest.mark.parametrize("broken", ["a", "binned_codes", "members"])
def test_what_does_not_fit_together_is_refused(broken):
    task = committee_task("table")
    made = compile_model(task, "committee", taught(task, usual_records(task, 30, seed=8)), 9)
    if broken == "members":
        made.meta["members"].append("stranger")
    else:
        made.arrays[broken] = made.arrays[broken][:-1]
    with pytest.raises(ValueError, match="compiled model version 9 does not add up"):
        scorer(made)


def test_votes_travel_rounded():
    logs = np.array([[-0.12345678, -2.0]])
    assert Votes(("one",), ("a", "b"), logs).to_wire() == {"one": Votes.rounded(logs)[0].tolist()}
