"""Promises of the committee as a whole: votes of decision time, replay, pickles, memory, River's own checks."""

import pickle
import random

import pytest
from river import checks, datasets

from winnow.core.models import build, river_input
from winnow.core.models.committee import Committee
from winnow.core.models.committee.replay_ring import Lesson, ReplayRing
from winnow.core.voting import Votes, is_voting
from winnow_schemas.task import Task

LABELS = ("ham", "spam")
TABLE = ("table_linear", "table_binned", "table_bayes")


def task_of(**more):
    features = {"size": "number", "sender": "category"}
    return Task.model_validate(
        {"task": "mail", "labels": LABELS, "input": {"text": True, "features": features}, **more}
    )


def rows(count, seed=1):
    chance = random.Random(seed)
    for _ in range(count):
        label = chance.choice(LABELS)
        words = {"ham": ["meeting", "notes"], "spam": ["prize", "cash"]}[label]
        text = " ".join(chance.choices([*words, "the", "and"], k=6))
        yield {"text": text, "size": chance.gauss(LABELS.index(label), 1.0), "sender": chance.choice("abc")}, label


def taught(count, seed=1):
    model = build(task_of(), "committee")
    for x, label in rows(count, seed):
        model.learn_one(x, label)
    return model


class TestAMixedTask:
    def test_is_voted_on_by_both_pools_and_the_embedding(self):
        task = task_of(input={"text": True, "features": {"size": "number"}, "embedding": 2})
        members = build(task, "committee").model.members
        assert members == ("text_linear", "text_bayes", *TABLE, "embedding_linear")
        assert build(task_of(input={"text": True}), "committee").model.members == ("text_linear", "text_bayes")

    def test_a_record_that_brings_one_half_only_is_scored_by_it(self):
        model = taught(150)
        assert model.predict_proba_one({"text": "prize cash prize cash"})["spam"] > 0.9
        assert model.predict_proba_one({"size": 4.0})["spam"] > model.predict_proba_one({"size": -3.0})["spam"]


class TestVotesOfDecisionTime:
    def test_pooled_with_todays_weights_they_are_the_scores(self):
        model = taught(100)
        assert is_voting(model)
        for x, _ in rows(20, seed=2):
            assert model.weights.pooled(model.votes_one(x)) == pytest.approx(model.predict_proba_one(x))

    def test_only_the_votes_of_the_decision_move_the_weights(self):
        model, twin = taught(100), taught(100)
        x, label = next(rows(1, seed=3))
        early = Votes(("text_linear",), LABELS, taught(1).votes_one(x).logs[:1])
        model.learn_verdict(x, label, early, 6.25)
        twin.model.pool.learn(early.aligned(twin.model.pool.members, LABELS), LABELS.index(label), 6.25)
        assert model.weights == twin.weights

    def test_a_verdict_on_what_nobody_voted_on_moves_no_weight_and_is_learned(self):
        model = taught(100)
        weights, x = model.weights, {"text": "lottery"}
        for _ in range(10):
            model.learn_verdict(x, "spam", None, 1.0)
        assert model.weights == weights
        assert model.predict_proba_one(x)["spam"] > 0.8

    def test_members_learn_alike_whatever_the_look_was_worth(self):
        heavy, light = taught(50), taught(50)
        for x, label in rows(50, seed=4):
            heavy.learn_verdict(x, label, heavy.votes_one(x), 20.0)
            light.learn_verdict(x, label, light.votes_one(x), 1.0)
        x = {"text": "prize notes", "size": 0.5}
        assert heavy.votes_one(x).logs.tolist() == light.votes_one(x).logs.tolist()
        assert heavy.weights != light.weights


class TestReplay:
    def test_verdicts_seen_again_teach_more(self):
        once, thrice = (Committee(LABELS, ("text_linear",), replays=replays) for replays in (0, 2))
        for x, label in rows(30):
            once.learn_one(x, label)
            thrice.learn_one(x, label)
        x = {"text": "cash prize"}
        assert thrice.votes_one(x).logs[0, 1] > once.votes_one(x).logs[0, 1]

    def test_counts_are_counted_once(self):
        once, thrice = (Committee(LABELS, ("text_bayes", "table_bayes"), replays=replays) for replays in (0, 2))
        for x, label in rows(30):
            once.learn_one(x, label)
            thrice.learn_one(x, label)
        x = {"text": "cash prize", "size": 1.0}
        assert thrice.votes_one(x).logs.tolist() == once.votes_one(x).logs.tolist()

    def test_the_ring_keeps_the_newest_lessons(self):
        ring = ReplayRing(3, seed=1)
        for number in range(5):
            ring.add(Lesson(number, ()))
        assert {lesson.label for lesson in ring.draw(100)} == {2, 3, 4}


class TestPickle:
    def test_goes_on_bit_by_bit_as_if_nothing_had_happened(self):
        model = taught(150)
        twin = pickle.loads(pickle.dumps(model))
        for x, label in rows(150, seed=2):
            assert twin.votes_one(x).logs.tobytes() == model.votes_one(x).logs.tobytes()
            votes = model.votes_one(x)
            model.learn_verdict(x, label, votes, 3.0)
            twin.learn_verdict(x, label, votes, 3.0)
        assert twin.weights == model.weights
        assert twin.model.ring.choice.state == model.model.ring.choice.state

    def test_scoring_changes_nothing(self):
        model = taught(50)
        before = pickle.dumps(model)
        for x, _ in rows(20, seed=5):
            model.votes_one(x)
            model.predict_proba_one({**x, "sender": "never seen"})
        assert pickle.dumps(model) == before

    def test_stays_small_however_many_verdicts_come(self, monkeypatch):
        monkeypatch.setattr("winnow.core.models.committee.committee._RING", 20)
        sizes = [len(pickle.dumps(taught(count))) for count in (150, 300)]
        assert sizes[1] < 1.1 * sizes[0]


def test_a_label_added_later_joins_the_others():
    model = build(task_of(open_labels=True), "committee")
    for x, label in rows(60):
        model.learn_one(x, label)
    early = model.votes_one({"text": "storm election"})
    for _ in range(30):
        model.learn_verdict({"text": "election storm"}, "news", early, 1.0)
    scores = model.predict_proba_one({"text": "storm election"})
    assert list(scores) == ["ham", "spam", "news"]
    assert max(scores, key=scores.get) == "news"


def test_two_tasks_replay_other_verdicts():
    other = task_of().model_copy(update={"task": "other"})
    assert build(task_of(), "committee").model.seed != build(other, "committee").model.seed


def test_records_read_by_the_task_are_what_the_committee_reads():
    task = task_of()
    model = build(task, "committee")
    record = {"text": "cash", "features": {"size": 3, "sender": "a"}}
    model.learn_one(river_input(task, record), "spam")
    assert model.predict_proba_one(river_input(task, record))["spam"] > 0.5


CHECKED = [
    (Committee((False, True), TABLE), datasets.Phishing),
    (Committee((False, True), ("text_linear", "text_bayes")), datasets.Phishing),
    (Committee(("path",), TABLE), datasets.ImageSegments),
]
PLAIN_CHECKS = [
    check
    for name in dir(checks.common)
    if name.startswith("check_")
    and (check := getattr(checks.common, name)).__code__.co_varnames[: check.__code__.co_argcount] == ("model",)
]
WITH_DATA = [
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
    checks.common.check_bounded_memory_growth,
    checks.common.check_seeding_is_idempotent,
    checks.clf.check_predict_proba_one,
    checks.clf.check_classifier_tracks_seen_labels,
]


@pytest.mark.parametrize(("model", "data"), CHECKED, ids=["table", "text", "labels that come later"])
def test_passes_rivers_own_checks(model, data):
    assert len(PLAIN_CHECKS) >= 12
    for check in PLAIN_CHECKS:
        check(model.clone())
    sample = list(data().take(60))
    for check in WITH_DATA:
        check(model.clone(), sample)
