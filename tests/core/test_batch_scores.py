"""Scores of many records as a table, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.batch_scores import BatchScores, unscored
from winnow.core.decision import Scored
from winnow_schemas.base import NO_MODEL

LABELS = ("ham", "spam")
SCORES = st.none() | st.floats(0, 1).map(lambda p: {"ham": 1 - p, "spam": p})
VOTES = st.floats(-9, 0).map(lambda log: {"bayes": [log, -0.5], "linear": [0.0, 0.0]})


@given(st.lists(st.tuples(SCORES, VOTES)))
def test_scores_and_votes_come_back_as_they_went_in(said):
    scores = [one for one, _ in said]
    votes = [votes if one else None for one, votes in said]
    batch = BatchScores.from_rows(LABELS, scores, votes)
    assert batch.scored(7) == [Scored(7, *one) for one in zip(scores, votes, strict=True)]


@pytest.mark.parametrize("bad", [float("nan"), -1e-9, 1.0000001, float("inf")])
def test_a_row_that_holds_no_probabilities_is_no_score(bad):
    batch = BatchScores.from_rows(LABELS, [{"ham": 0.5, "spam": bad}, {"ham": 0.5, "spam": 0.5}])
    assert batch.are_scores.tolist() == [False, True]
    assert batch.scored(7)[0] == Scored(7, None)


def test_without_a_model_nothing_is_said():
    assert unscored(2) == [Scored(NO_MODEL), Scored(NO_MODEL)]
