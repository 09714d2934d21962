"""Promises that every named model keeps."""

import math
import pickle
import random
import subprocess
import sys

import pytest
from river import checks, datasets, linear_model

from winnow.core.models import TaskClassifier, build, river_input, scores_of
from winnow.core.models.table_models import LinearColumns, LinearModel, MixedNaiveBayes
from winnow.core.models.task_classifier import YesNo
from winnow.core.models.text_logistic import TextLogistic, TextSoftmax
from winnow.core.models.text_naive_bayes import TextNaiveBayes
from winnow_schemas.model_names import MODEL_NAMES
from winnow_schemas.task import Task

NAMES = list(MODEL_NAMES)
WORDS = {"ham": ["meeting", "notes", "lunch"], "spam": ["win", "prize", "cash"], "news": ["election", "storm", "goal"]}


def task_of(labels=("ham", "spam"), **more):
    features = {"size": "number", "sender": "category", "known": "flag"}
    return Task.model_validate(
        {"task": "mail", "labels": labels, "input": {"text": True, "features": features, "embedding": 2}, **more}
    )


def records(task, count, seed=1):
    chance = random.Random(seed)
    for _ in range(count):
        label = chance.choice(task.labels)
        place = task.labels.index(label)
        features = {"size": chance.gauss(place * 3, 1), "sender": f"{label}-{chance.randrange(3)}", "known": place == 0}
        if chance.random() < 0.2:
            features.pop(chance.choice(list(features)))
        text = " ".join(chance.choices(WORDS[label] + ["the", "and"], k=8))
        yield {"features": features, "text": text, "embedding": [chance.gauss(place, 1), chance.random()]}, label


def taught(task, name, count, seed=1):
    model = build(task, name)
    for record, label in records(task, count, seed):
        model.learn_one(river_input(task, record), label)
    return model


def all_scores(task, model, seed=99):
    return [scores_of(model, river_input(task, record)) for record, _ in records(task, 30, seed)]


@pytest.mark.parametrize("labels", [("ham", "spam"), ("ham", "spam", "news")])
@pytest.mark.parametrize("name", NAMES)
class TestEveryModel:
    def test_scores_all_labels_evenly_before_the_first_verdict(self, name, labels):
        task = task_of(labels)
        assert all_scores(task, build(task, name)) == [dict.fromkeys(labels, 1 / len(labels))] * 30

    def test_learns_what_tells_the_labels_apart(self, name, labels):
        task = task_of(labels)
        model = taught(task, name, 400)
        right = [
            max(s, key=s.get) == label
            for s, (_, label) in zip(all_scores(task, model), records(task, 30, 99), strict=True)
        ]
        assert sum(right) >= 24

    def test_gives_probabilities_of_the_tasks_labels_in_their_order(self, name, labels):
        task = task_of(labels)
        for scores in all_scores(task, taught(task, name, 20)):
            assert tuple(scores) == labels
            assert math.isclose(sum(scores.values()), 1.0)

    def test_goes_on_after_a_pickle_as_if_nothing_had_happened(self, name, labels):
        task = task_of(labels)
        model = taught(task, name, 150)
        twin = pickle.loads(pickle.dumps(model))
        for record, label in records(task, 150, seed=2):
            model.learn_one(river_input(task, record), label)
            twin.learn_one(river_input(task, record), label)
        assert all_scores(task, twin) == all_scores(task, model)

    def test_survives_records_that_bring_nothing_and_extreme_numbers(self, name, labels):
        task = task_of(labels)
        model = build(task, name)
        strange = [
            {"text": ""},
            {"features": {"size": 1e99}, "embedding": [1e99, -1e99], "text": "x" * 60_000},
            {"features": {"size": -1e99, "sender": "", "known": 3.0}, "text": "\x00\u202e 😀😀 \ud800"},
            {"features": {"sender": "unseen"}, "embedding": [0.0]},
        ]
        for record in strange * 3:
            scores_of(model, river_input(task, record))
            model.learn_one(river_input(task, record), labels[0])
            model.learn_one(river_input(task, record), labels[1])
        assert all(scores is not None for scores in all_scores(task, model))

    def test_holds_a_label_never_seen_for_less_probable(self, name, labels):
        task = task_of(labels)
        model = build(task, name)
        for record, _ in records(task, 200):
            model.learn_one(river_input(task, record), labels[0])
        assert all(scores[labels[0]] > 1 / len(labels) for scores in all_scores(task, model))


def test_scores_do_not_depend_on_the_interpreters_hash_seed():
    program = f"""
import sys; sys.path[:0] = {sys.path!r}
from importlib.util import spec_from_file_location, module_from_spec
spec = spec_from_file_location("again", {__file__!r}); again = module_from_spec(spec); spec.loader.exec_module(again)
task = again.task_of(("ham", "spam", "news"))
print([again.all_scores(task, again.taught(task, name, 60)) for name in again.NAMES])
"""
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(outputs[0]) > 1000
    assert outputs[0] == outputs[1]


def test_where_reviewers_may_add_labels_a_new_one_joins_the_others():
    task = task_of(open_labels=True)
    for name in ["text_logistic", "text_naive_bayes", "logistic"]:
        model = taught(task, name, 100)
        for _ in range(100):
            model.learn_one(river_input(task, {"text": "election storm", "features": {"sender": "radio"}}), "news")
        scores = scores_of(model, river_input(task, {"text": "storm election", "features": {"sender": "radio"}}))
        assert list(scores) == ["ham", "spam", "news"]
        assert max(scores, key=scores.get) == "news"


class Broken:
    def __init__(self, answer):
        self.answer = answer

    def predict_proba_one(self, x):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    "answer",
    [
        {"ham": math.nan, "spam": 0.5},
        {"ham": math.inf, "spam": 0.0},
        {"ham": 1.5, "spam": -0.5},
        {"ham": 0.2, "spam": 0.2},
        {},
        OverflowError("math range error"),
        KeyError("size"),
        TypeError("not a number"),
    ],
)
def test_a_model_that_gives_no_probabilities_has_no_score(answer):
    assert scores_of(Broken(answer), {}) is None


def test_a_forest_is_not_changed_by_being_asked_before_it_learned():
    task = task_of()
    asked, unasked = build(task, "adaptive_random_forest"), build(task, "adaptive_random_forest")
    asked.predict_proba_one({"size": 1.0})
    assert pickle.dumps(asked) == pickle.dumps(unasked)


def test_a_model_of_the_users_own_is_built_from_its_path():
    assert isinstance(build(task_of(), "python: river.naive_bayes:GaussianNB"), TaskClassifier)


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("python: no_such_package.models:build", "cannot import no_such_package.models"),
        ("python: river.naive_bayes:no_such", "has no function no_such"),
        ("python: collections:OrderedDict", "must give a River classifier"),
    ],
)
def test_a_path_that_leads_to_no_model_says_what_is_wrong(path, complaint):
    with pytest.raises(ValueError, match=complaint):
        build(task_of(), path)


PHISHING = list(datasets.Phishing().take(150))
CHECKED = [
    TextLogistic(),
    TextSoftmax((False, True)),
    TextNaiveBayes(),
    MixedNaiveBayes(),
    LinearColumns({}),
    LinearModel(linear_model.LogisticRegression(), {}),
    YesNo(TextLogistic(), (False, True)),
    TaskClassifier(MixedNaiveBayes(), (False, True)),
]
PLAIN_CHECKS = [
    checks.common.check_repr,
    checks.common.check_tags,
    checks.common.check_clone_same_class,
    checks.common.check_clone_is_idempotent,
    checks.common.check_init_has_default_params_for_tests,
    checks.common.check_init_default_params_are_not_mutable,
    checks.common.check_doc,
    checks.common.check_mutate_can_be_idempotent,
    checks.common.check_pickling_supports_roundtrip,
    checks.common.check_repr_roundtrips_clone,
    checks.common.check_get_params_matches_signature,
]
DATA_CHECKS = [
    checks.common.check_learn_one,
    checks.common.check_pickling,
    checks.common.check_shuffle_features_no_impact,
    checks.common.check_emerging_features,
    checks.common.check_disappearing_features,
    checks.common.check_radically_disappearing_features,
    checks.common.check_predict_one_pure,
    checks.common.check_predict_one_before_any_learn,
    checks.common.check_no_state_aliasing_with_input,
    checks.common.check_clone_is_independent,
]
CLASSIFIER_CHECKS = [checks.clf.check_predict_proba_one, checks.clf.check_classifier_tracks_seen_labels]


@pytest.mark.parametrize("model", CHECKED, ids=lambda model: type(model).__name__)
def test_an_estimator_passes_rivers_own_checks(model):
    for check in PLAIN_CHECKS:
        check(model.clone())
    with_data = DATA_CHECKS + (CLASSIFIER_CHECKS if hasattr(model, "predict_proba_one") else [])
    for check in with_data:
        check(model.clone(), PHISHING)
