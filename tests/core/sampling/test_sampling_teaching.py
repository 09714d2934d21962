import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.batch_scores import BatchScores, BatchVotes
from winnow.core.confidence import confidences
from winnow.core.sampling import Teaching
from winnow.core.sampling.disagreement import disagreements
from winnow_schemas.task import STRATEGIES, Task

LABELS = ("a", "b", "c")


def task(sampling, **more):
    inputs = {"features": {"size": "number"}}
    return Task.model_validate({"task": "t", "labels": LABELS, "input": inputs, "sampling": sampling, **more})


def logs(*members):
    return np.log(np.array([members]))


@st.composite
def said(draw):
    """Scores of some records, and the votes of two members, one of whom may abstain."""
    records = draw(st.integers(1, 6))
    weights = np.array(draw(st.lists(st.integers(1, 50), min_size=6 * records, max_size=6 * records)), float)
    shares = weights.reshape(records, 2, 3)
    shares /= shares.sum(axis=2, keepdims=True)
    votes = np.log(shares).round(6)
    votes[draw(st.lists(st.integers(0, records - 1), max_size=2)), 0] = 0.0
    table = shares[:, 1].copy()
    table[draw(st.lists(st.integers(0, records - 1), max_size=1))] = np.nan
    return BatchScores(LABELS, table, BatchVotes(("one", "other"), votes))


@given(said(), st.dictionaries(st.sampled_from(STRATEGIES), st.floats(0.1, 5), min_size=1))
def test_of_one_record_it_is_the_same_as_of_many_and_between_0_and_1(scores, sampling):
    teaching = Teaching(task(sampling, budget={"share": 0.2}))
    taught = teaching.of_scores(scores, confidences("entropy", scores.table))
    most = 1 - teaching.novelty - teaching.density - teaching.by_chance
    for place, of_many in enumerate(taught):
        alone = dict(zip(LABELS, scores.table[place].tolist(), strict=True)) if scores.are_scores[place] else None
        of_one = teaching.of_one(alone, scores.votes.of(place))
        assert of_one is None if np.isnan(of_many) else of_one == of_many
        assert np.isnan(of_many) or -1e-12 <= of_many <= most + 1e-12


@pytest.mark.parametrize(
    ("strategy", "worth"), [("uncertainty", 0.0), ("least_confident", 0.4), ("margin", 0.7), ("entropy", 0.0)]
)
def test_doubt_is_measured_as_the_strategy_says(strategy, worth):
    scores = {"a": 0.6, "b": 0.3, "c": 0.1}
    entropy = -sum(p * np.log(p) for p in scores.values()) / np.log(3)
    assert Teaching(task([strategy])).of_one(scores, None) == pytest.approx(worth or entropy)


def test_without_a_budget_the_queue_looks_at_novelty_and_the_rest_counts_alone():
    scores = {"a": 0.6, "b": 0.3, "c": 0.1}
    assert Teaching(task(["uncertainty", "novelty"])).of_one(scores, None) == Teaching(task(["uncertainty"])).of_one(
        scores, None
    )
    assert Teaching(task(["novelty"])).by_chance == 1.0
    assert Teaching(task({"margin": 3, "random": 1})).by_chance == 0.25


def test_members_disagree_as_far_as_they_say_different_things():
    same = logs([0.5, 0.3, 0.2], [0.5, 0.3, 0.2])
    apart = logs([0.9, 0.05, 0.05], [0.05, 0.9, 0.05])
    opposite = logs([1 - 2e-6, 1e-6, 1e-6], [1e-6, 1 - 2e-6, 1e-6])
    assert disagreements(same)[0] == pytest.approx(0.0, abs=1e-12)
    assert disagreements(opposite)[0] == pytest.approx(1.0, abs=1e-3)
    assert 0.2 < disagreements(apart)[0] < 0.9


def test_who_abstains_contradicts_nobody():
    two = logs([0.9, 0.05, 0.05], [0.05, 0.9, 0.05])
    three = np.concatenate([two, np.zeros((1, 1, 3))], axis=1)
    alone = np.concatenate([two[:, :1], np.zeros((1, 1, 3))], axis=1)
    assert disagreements(alone)[0] == pytest.approx(0.0, abs=1e-12)
    assert disagreements(three)[0] == pytest.approx(disagreements(two)[0] * np.log(2) / np.log(3))
