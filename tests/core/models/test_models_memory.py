"""No model grows for ever: what would is capped, and says so."""

import pickle

import pytest

from winnow.core.compiled import compile_model, scorer
from winnow.core.models import build, scores_of
from winnow_schemas.task import Task

TEXT = Task.model_validate({"task": "any", "labels": ["a", "b"], "input": {"text": True}})
SEVERAL = TEXT.model_copy(update={"labels": ("a", "b", "c")})
TABLE = Task.model_validate({"task": "any", "labels": ["a", "b"], "input": {"features": {"of": "category"}}})


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr("winnow.core.models.vocabulary.MOST_WORDS", 40)
    monkeypatch.setattr("winnow.core.models.categories.MOST_CATEGORIES", 40)


@pytest.mark.parametrize("task", [TEXT, SEVERAL])
@pytest.mark.parametrize("name", ["text_naive_bayes", "text_logistic"])
def test_a_text_model_learns_no_more_words_than_there_is_room_for(task, name):
    model = build(task, name)
    for number in range(30):
        assert model.full == (number > 19)
        model.learn_one({"text": f"known word{number} other{number}"}, "ab"[number % 2])
    again = pickle.loads(pickle.dumps(model))
    assert again.full
    for each in (model, again):
        each.learn_one({"text": "known news"}, "a")
    assert scores_of(model, {"text": "known news"}) == scores_of(again, {"text": "known news"})
    inner = getattr(model.model, "model", model.model)
    assert len(inner.vocabulary if name == "text_naive_bayes" else inner.linear.vocabulary) <= 40


@pytest.mark.parametrize("name", ["logistic", "gaussian_naive_bayes", "hoeffding_tree", "adaptive_random_forest"])
def test_a_model_over_tables_learns_no_more_categories_than_there_is_room_for(name):
    model = build(TABLE, name)
    for number in range(60):
        assert model.full == (number > 40)
        model.learn_one({"of": f"order {number}"}, "ab"[number % 2])
    assert scores_of(model, {"of": "order 59"}) is not None
    assert len(model.categories.known) == 40


def test_a_tree_that_grows_too_large_says_so(monkeypatch):
    monkeypatch.setattr("winnow.core.models.table_models.LARGEST_TREE_MB", 0.01)
    task = Task.model_validate({"task": "any", "labels": ["a", "b"], "input": {"features": {"x": "number"}}})
    model = build(task, "hoeffding_tree")
    tree = model.model
    tree.memory_estimate_period = 200
    for number in range(2_000):
        model.learn_one({"x": float(number % 97)}, "ab"[(number % 97) // 10 % 2])
    assert model.full
    compiled = scorer(compile_model(task, "hoeffding_tree", model, 1))
    for size in (5.0, 15.0, 55.0):
        (told,) = compiled.score([{"features": {"x": size}}])
        assert told == pytest.approx(scores_of(model, {"x": size}), abs=1e-9)
