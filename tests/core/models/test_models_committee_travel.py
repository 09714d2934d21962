"""A committee's votes travel with the decision to the verdict and back, in a replay as between the services."""

from datetime import UTC, datetime

import pytest

from winnow.core.models import build, by_coin, learn, opinion
from winnow.replay.conditions import Conditions
from winnow.replay.loop import Replay
from winnow.replay.stream import TrueRecord
from winnow_schemas.codec import decode, encode
from winnow_schemas.decisions import Decision
from winnow_schemas.task import Task

TASK = Task.model_validate(
    {
        "task": "mail",
        "labels": ["ham", "spam"],
        "input": {"text": True},
        "model": {"champion": "committee"},
        "target": {"error": 0.1},
    }
)
CASH, NOTES = {"text": "win cash now"}, {"text": "notes of the meeting"}


def taught(name="committee"):
    model = build(TASK, name)
    for _ in range(5):
        learn(model, CASH, "spam", None)
        learn(model, NOTES, "ham", None)
    return model


def decision_about(model, values, propensity=0.16, **more):
    said = opinion(model, values)
    return Decision(
        decision_id="s/0/1",
        reason="audit",
        propensity=propensity,
        look="ledger",
        scores=said.scores,
        votes=said.votes,
        model_version=1,
        policy_version=1,
        decided_at=datetime(2030, 1, 1, tzinfo=UTC),
        **more,
    )


def test_an_opinion_brings_the_votes_that_make_its_scores():
    said = opinion(taught(), CASH)
    assert list(said.votes) == ["text_linear", "text_bayes"]
    assert said.scores == taught().predict_proba_one(CASH)


def test_other_models_have_no_votes():
    assert opinion(taught("text_logistic"), CASH).votes is None


def test_a_verdict_moves_the_weights_by_the_votes_of_its_decision_as_they_come_off_the_wire():
    model, twin = taught(), taught()
    early = decode(Decision, encode(decision_about(model, NOTES)))
    assert learn(model, CASH, "spam", early)
    twin.learn_verdict(CASH, "spam", taught().votes_one(NOTES), 1 / 0.16)
    assert model.weights.members == pytest.approx(twin.weights.members, abs=1e-6)
    assert model.weights != taught().weights


@pytest.mark.parametrize("reason", ["seed", "gold", "recalled", "disputed"])
def test_a_verdict_that_no_coin_asked_for_is_learned_and_moves_no_weight(reason):
    model = taught()
    weights, before = model.weights, opinion(model, CASH).scores["spam"]
    learn(model, CASH, "spam", by_coin(decision_about(model, NOTES), reason))
    assert model.weights == weights
    assert opinion(model, CASH).scores["spam"] > before


def test_votes_that_do_not_fit_the_scores_are_not_learned():
    model = taught()
    odd = decision_about(model, CASH).model_copy(update={"votes": {"text_linear": [-0.1]}})
    assert not learn(model, CASH, "spam", odd)


class Log:
    def __init__(self):
        self.decisions = []

    def decided(self, decided):
        self.decisions.append(decided.decision)

    def __getattr__(self, name):
        return lambda *_, **__: None


@pytest.mark.parametrize(("budget", "usual"), [({"share": 0.2}, 0.2), ({"per_hour": 600}, 0.1)])
def test_within_a_budget_a_verdict_of_the_usual_chance_weighs_as_one_without_a_budget(budget, usual):
    free, within = taught(), build(Task.model_validate({**TASK.model_dump(), "budget": budget}), "committee")
    for _ in range(5):
        learn(within, CASH, "spam", None)
        learn(within, NOTES, "ham", None)
    learn(free, CASH, "ham", decision_about(free, CASH, propensity=1.0))
    learn(within, CASH, "ham", decision_about(within, CASH, propensity=usual))
    assert within.weights == free.weights


def test_a_replay_runs_with_a_committee_as_champion():
    log = Log()
    lines = [TrueRecord(n, CASH if n % 3 else NOTES, "spam" if n % 3 else "ham") for n in range(150)]
    replay = Replay(TASK, Conditions(delay_s=10.0), [log])
    replay.run(lines)
    assert replay.machine.unlearnable == 0
    assert log.decisions[-1].label in {"ham", "spam"}
    assert list(log.decisions[-1].votes) == ["text_linear", "text_bayes"]
    assert log.decisions[0].votes is None
