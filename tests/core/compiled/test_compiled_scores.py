"""Compiled models score as River's do, whatever they have learned and whatever a record brings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.compiled.compiled_cases import (
    TABLES,
    TEXTS,
    assert_same_scores,
    compiled,
    one_by_one,
    records,
    task_of,
    taught,
    usual_records,
)

from winnow.core.compiled import compile_model, learning_scorer, scorer
from winnow.core.compiled.scorer import TEXTS_AT_ONCE
from winnow.core.models import RecordReader, build

EXTREMES = [
    {"features": {}},
    {"features": {"size": 1e308, "weight": -1e308}},
    {"features": {"size": 1e99, "weight": -1e99, "sender": "anna"}, "embedding": [1e99, -1e99]},
    {"features": {"size": 5e-324, "weight": 1e9, "sender": "never seen", "tone": ""}, "embedding": [5e-324, 0.0]},
    {"features": {"known": 1.0, "size": True, "sender": 3.0, "tone": "kind", "extra": "x"}, "embedding": [1.0]},
    {"text": "\x00 nothing known here 😀"},
]


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("name", TABLES + TEXTS)
class TestEveryModel:
    def test_scores_as_river_does_after_a_usual_stream(self, name, labels):
        task = task_of(labels, input={"text": name in TEXTS})
        model = taught(task, name, usual_records(task, 700, seed=labels))
        fresh = [record for record, _ in usual_records(task, 200, seed=99)]
        assert_same_scores(task, name, model, fresh + EXTREMES)

    @settings(max_examples=15, deadline=None)
    @given(st.data(), st.integers(0, 10**6), st.integers(0, 120))
    def test_scores_any_record_as_river_does(self, name, labels, data, seed, learned):
        task = task_of(labels, input={"text": name in TEXTS})
        model = taught(task, name, usual_records(task, learned, seed))
        assert_same_scores(task, name, model, data.draw(st.lists(records(), min_size=1, max_size=12)))

    @settings(max_examples=25, deadline=None)
    @given(st.data())
    def test_scores_as_river_does_whatever_it_has_learned(self, name, labels, data):
        task = task_of(labels, input={"text": name in TEXTS})
        verdicts = data.draw(st.lists(st.tuples(records(), st.sampled_from(task.labels)), max_size=25))
        fresh = data.draw(st.lists(records(), min_size=1, max_size=5))
        assert_same_scores(task, name, taught(task, name, verdicts), fresh + [record for record, _ in verdicts])

    def test_scores_nothing_of_no_records(self, name, labels):
        task = task_of(labels, input={"text": name in TEXTS})
        ready = scorer(compiled(task, name, taught(task, name, usual_records(task, 50, seed=3))))
        assert ready.score([]) == []
        assert ready.score_matrix([]).shape == (0, labels)

    def test_scores_a_record_the_same_alone_and_among_many(self, name, labels):
        task = task_of(labels, input={"text": name in TEXTS})
        ready = scorer(compiled(task, name, taught(task, name, usual_records(task, 200, seed=5))))
        many = [record for record, _ in usual_records(task, 2 * TEXTS_AT_ONCE + 200, seed=6)]
        alone = np.concatenate([ready.score_matrix([record]) for record in many[::97]])
        assert np.allclose(ready.score_matrix(many)[::97], alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", TABLES)
def test_a_text_is_one_more_category_to_models_over_tables(name):
    task = task_of(2, input={"text": True})
    model = taught(task, name, usual_records(task, 200, seed=8))
    fresh = [record for record, _ in usual_records(task, 50, seed=8)] + EXTREMES
    assert_same_scores(task, name, model, fresh)


@pytest.mark.parametrize("name", TABLES + TEXTS)
def test_a_label_that_reviewers_add_is_scored_too(name):
    task = task_of(2, open_labels=True, input={"text": name in TEXTS})
    model = taught(task, name, usual_records(task, 150, seed=9))
    reader = RecordReader(task)
    added = {"features": {"sender": "radio", "size": 20.0}, "text": "election storm"}
    for _ in range(60):
        model.learn_one(reader.read(added).values, "weather")
    fresh = [record for record, _ in usual_records(task, 50, seed=10)] + [added]
    assert_same_scores(task, name, model, fresh)


def test_a_deep_tree_over_many_categories_is_walked_as_river_walks_it():
    task = task_of(3)
    model = taught(task, "hoeffding_tree", usual_records(task, 6000, seed=11))
    assert model.model.n_branches > 1
    assert_same_scores(task, "hoeffding_tree", model, [record for record, _ in usual_records(task, 400, seed=12)])


@pytest.mark.parametrize("name", ["logistic", "gaussian_naive_bayes"])
def test_wide_embeddings_are_scored_in_portions(name):
    task = task_of(2, input={"features": {}, "embedding": 3000})
    rng = np.random.default_rng(1)
    verdicts = [({"embedding": rng.normal(place, 1, 3000).tolist()}, task.labels[place]) for place in (0, 1, 0, 1, 1)]
    model = taught(task, name, verdicts)
    fresh = [{"embedding": rng.normal(0.5, 1, 3000).tolist()} for _ in range(60)] + [{"embedding": [1.0]}, {}]
    assert scorer(compiled(task, name, model)).records_at_once < 60
    assert_same_scores(task, name, model, fresh)


@pytest.mark.parametrize("name", ["logistic", "gaussian_naive_bayes", "hoeffding_tree", "adaptive_random_forest"])
def test_one_feature_alone_is_read_too(name):
    for features in ({"size": "number"}, {"sender": "category"}, {"known": "flag"}):
        task = task_of(2, input={"features": features, "embedding": None})
        model = taught(task, name, usual_records(task, 80, seed=13))
        assert_same_scores(task, name, model, [record for record, _ in usual_records(task, 30, seed=14)] + EXTREMES)


def test_scores_that_are_no_probabilities_are_none_in_both():
    task = task_of(3)
    model = taught(task, "logistic", usual_records(task, 100, seed=15))
    model.model.regression.weights["ham"]["size"] = float("inf")
    fresh = [record for record, _ in usual_records(task, 20, seed=16)]
    expected = one_by_one(task, model, fresh)
    assert None in expected
    assert_same_scores(task, "logistic", model, fresh)


def test_the_users_own_models_are_not_compiled():
    task = task_of(2)
    assert compile_model(task, "python: tests.models:build", build(task, "logistic"), 1) is None


def test_inputs_that_meet_in_one_column_are_not_compiled():
    features = {"color": "category", "color=red": "flag"}
    task = task_of(2, input={"features": features})
    assert compile_model(task, "logistic", build(task, "logistic"), 1) is None


@pytest.mark.parametrize("labels", [2, 3, 12])
def test_a_compiled_regression_says_to_the_last_bit_what_the_model_says(labels):
    names = [f"l{place}" for place in range(labels)]
    task = task_of(2).model_copy(update={"labels": tuple(names)})
    model = taught(task, "logistic", usual_records(task, 200, seed=21))
    fresh = [record for record, _ in usual_records(task, 200, seed=22)] + EXTREMES
    ready = scorer(compiled(task, "logistic", model))
    assert ready.score(fresh) == one_by_one(task, model, fresh)


@pytest.mark.parametrize("name", TABLES + TEXTS)
def test_a_batch_is_scored_to_the_last_bit_as_its_records_alone(name):
    task = task_of(3, input={"text": name in TEXTS})
    ready = scorer(compiled(task, name, taught(task, name, usual_records(task, 200, seed=23))))
    fresh = [record for record, _ in usual_records(task, 90, seed=24)]
    alone = [ready.score_matrix([record])[0] for record in fresh]
    assert np.array_equal(ready.score_matrix(fresh), alone)


@pytest.mark.parametrize("name", ["logistic", *TEXTS])
@pytest.mark.parametrize("labels", [2, 3])
def test_a_model_that_learns_on_says_to_the_last_bit_what_each_of_its_snapshots_would(name, labels):
    task = task_of(labels, open_labels=True, input={"text": name in TEXTS})
    model, reader = build(task, name), RecordReader(task)
    live = learning_scorer(name, model)
    stream = list(usual_records(task, 60, seed=25))
    for place, (record, label) in enumerate(stream):
        values = reader.read(record).values
        model.learn_one(values, "storm" if place == 40 else label)
        live.learned(values)
        if place % 3:
            continue
        asked = stream[place // 2][0]
        snapshot = scorer(compiled(task, name, model))
        assert live.opinion(reader.read(asked).values).scores == snapshot.score([asked])[0]
