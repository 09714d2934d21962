"""Scores of many records as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.batch_scores import BatchScores

LABELS = ("ham", "spam")
SCORES = st.none() | st.floats(0, 1).map(lambda p: {"ham": 1 - p, "spam": p})
VOTES = st.floats(-9, 0).map(lambda log: {"bayes": [log, -0.5], "linear": [0.0, 0.0]})


@given(st.lists(st.tuples(SCORES, VOTES)))
def test_scores_and_votes_stand_where_their_records_do(said):
    votes = [votes if scores else None for scores, votes in said]
    batch = BatchScores.from_rows(LABELS, [scores for scores, _ in said], votes)
    assert batch.are_scores.tolist() == [scores is not None for scores, _ in said]
    for place, (scores, _) in enumerate(said):
        if scores:
            assert dict(zip(LABELS, batch.table[place].tolist(), strict=True)) == scores
            assert batch.votes.of(place) == votes[place]


@pytest.mark.parametrize("bad", [float("nan"), -1e-9, 1.0000001, float("inf")])
def test_a_row_that_holds_no_probabilities_is_no_score(bad):
    batch = BatchScores.from_rows(LABELS, [{"ham": 0.5, "spam": bad}, {"ham": 0.5, "spam": 0.5}])
    assert batch.are_scores.tolist() == [False, True]


def test_without_a_model_nothing_is_a_score():
    assert BatchScores.nothing(2).are_scores.tolist() == [False, False]
