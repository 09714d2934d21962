"""How votes are pooled, kept and pooled anew, and how the weights are learned."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.models.committee.seeded_choice import SeededChoice
from winnow.core.voting import LOWEST_VOTE, KeptVotes, Pool, PoolWeights, Votes, log_votes

NAIVE_BAYES, LINEAR = 0.15, 1.2


def votes_of(*rows, labels=("first", "second")):
    members = ("naive bayes", "linear", "third")[: len(rows)]
    return Votes(members, labels, log_votes(np.array(rows)))


def fresh_pool():
    return Pool(("naive bayes", "linear"), (NAIVE_BAYES, LINEAR), ("first", "second"))


class TestWeights:
    def test_two_members_are_pooled_by_their_first_weights(self):
        shares = fresh_pool().probabilities(votes_of([0.9, 0.1], [0.6, 0.4]).logs)
        assert shares == pytest.approx([0.693417, 0.306583], abs=1e-6)

    def test_verdicts_move_the_weights(self):
        pool = fresh_pool()
        first, second = votes_of([0.9, 0.1], [0.6, 0.4]).logs, votes_of([0.2, 0.8], [0.3, 0.7]).logs
        pool.learn(first, 1, 1.0)
        assert pool.a == pytest.approx([0.136979, 1.197343], abs=1e-6)
        assert pool.b == pytest.approx([-0.006426, 0.006426], abs=1e-6)
        pool.learn(second, 1, 6.25)
        assert pool.a == pytest.approx([0.151713, 1.208025], abs=1e-6)
        assert pool.b == pytest.approx([-0.018530, 0.018530], abs=1e-6)
        assert pool.probabilities(first)[0] == pytest.approx(0.686993, abs=1e-6)

    def test_no_weight_falls_below_zero(self):
        pool = fresh_pool()
        for _ in range(500):
            pool.learn(votes_of([0.999, 0.001], [0.999, 0.001]).logs, 1, 20.0)
        assert pool.a[0] == 0.0
        assert pool.a[1] >= 0.0

    def test_a_look_that_was_rare_counts_twenty_times_at_most(self):
        often, once = fresh_pool(), fresh_pool()
        often.learn(votes_of([0.9, 0.1], [0.6, 0.4]).logs, 1, 1e9)
        once.learn(votes_of([0.9, 0.1], [0.6, 0.4]).logs, 1, 20.0)
        assert often.weights == once.weights

    def test_who_abstains_keeps_its_weight_and_changes_no_score(self):
        pool = fresh_pool()
        silent = np.array([[0.0, 0.0], [math.log(0.6), math.log(0.4)]])
        before = pool.probabilities(silent)
        pool.learn(silent, 0, 1.0)
        assert pool.a[0] == NAIVE_BAYES
        assert before == pytest.approx(Pool(("linear",), (LINEAR,), ("first", "second")).probabilities(silent[1:]))

    def test_two_that_are_right_in_six_of_ten_grow_to_be_together_as_sure_as_bayes_rule(self):
        pool, choice = Pool(("one", "two"), (0.5, 0.5), ("a", "b")), SeededChoice(5)
        votes = np.log([[0.6, 0.4], [0.4, 0.6]])
        surer = [0.6]
        for _ in range(4):
            for _ in range(5_000):
                label = choice.below(2)
                pool.learn(votes[[label ^ (choice.below(10) >= 6) for _ in range(2)]], label, 1.0)
            surer.append(pool.probabilities(votes[[0, 0]])[0])
        assert surer == sorted(surer)
        assert surer[-1] == pytest.approx(0.6**2 / (0.6**2 + 0.4**2), abs=0.02)

    def test_a_label_that_joins_starts_without_an_offset(self):
        pool = fresh_pool()
        pool.learn(votes_of([0.9, 0.1], [0.6, 0.4]).logs, 1, 1.0)
        pool.add_label("third")
        assert pool.weights.labels["third"] == 0.0
        assert len(pool.probabilities(np.zeros((2, 3)))) == 3

    def test_what_is_pooled_elsewhere_by_todays_weights_is_the_same(self):
        pool = fresh_pool()
        votes = votes_of([0.9, 0.1], [0.6, 0.4])
        pool.learn(votes.logs, 1, 3.0)
        assert list(pool.weights.pooled(votes).values()) == pytest.approx(pool.probabilities(votes.logs).tolist())


shares = st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda row: sum(row) > 0)
tables = st.lists(shares, min_size=2, max_size=2)


@given(st.lists(st.tuples(tables, st.integers(0, 2), st.floats(1, 100)), max_size=30))
def test_whatever_was_learned_scores_are_probabilities(verdicts):
    pool = Pool(("one", "two"), (0.5, 0.5), ("a", "b", "c"))
    for table, label, weight in verdicts:
        pool.learn(log_votes(np.array([np.array(row) / sum(row) for row in table])), label, weight)
    scores = pool.probabilities(log_votes(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])))
    assert (scores >= 0).all()
    assert scores.sum() == pytest.approx(1.0)


class TestVotes:
    def test_travel_as_lists_by_member(self):
        votes = votes_of([0.9, 0.1], [0.6, 0.4])
        again = Votes.from_wire(votes.to_wire(), ["first", "second"])
        assert (again.members, again.labels) == (votes.members, votes.labels)
        assert again.logs == pytest.approx(votes.logs, abs=1e-6)

    @pytest.mark.parametrize("row", [[-0.1], [-0.1, 0.2], [-0.1, math.nan]])
    def test_that_are_none_are_refused(self, row):
        with pytest.raises(ValueError, match="votes: linear has"):
            Votes.from_wire({"linear": row}, ["first", "second"])

    def test_by_other_lists_know_who_was_not_asked_and_what_was_not_known(self):
        votes = votes_of([0.9, 0.1], [0.6, 0.4])
        logs = votes.aligned(["new", "linear"], ["second", "third"])
        assert logs.tolist() == [[0.0, 0.0], [pytest.approx(math.log(0.4)), LOWEST_VOTE]]

    def test_an_abstention_stays_one_when_a_label_joins(self):
        silent = Votes(("linear",), ("first",), np.zeros((1, 1)))
        assert silent.aligned(["linear"], ["first", "third"]).tolist() == [[0.0, 0.0]]


class TestKeptVotes:
    def test_are_pooled_anew_with_todays_weights(self):
        kept, rows = KeptVotes(), [votes_of([0.9, 0.1], [0.6, 0.4]), votes_of([0.2, 0.8], [0.3, 0.7])]
        for slot, votes in enumerate(rows):
            kept.keep(slot, votes)
        weights = PoolWeights({"linear": 0.7, "naive bayes": 0.4}, {"second": 0.1, "first": -0.1})
        found = kept.probabilities(np.array([1, 0, 1]), ["second", "first"], np.array([0, 1, 1]), weights)
        expected = [weights.pooled(rows[slot])[label] for slot, label in ((1, "second"), (0, "first"), (1, "first"))]
        assert found == pytest.approx(expected)

    def test_from_before_a_label_and_a_member_joined_are_read_as_others_do(self):
        early, late = (
            votes_of([0.9, 0.1]),
            votes_of([0.2, 0.3, 0.5], [0.3, 0.3, 0.4], labels=("first", "second", "new")),
        )
        kept = KeptVotes()
        kept.keep(0, early)
        kept.keep(1, late)
        kept.keep(90, Votes(("naive bayes",), ("first",), np.zeros((1, 1))))
        weights = PoolWeights({"naive bayes": 1.0, "linear": 1.0}, {"first": 0.0, "second": 0.0, "new": 0.0})
        found = kept.probabilities(np.array([0, 1, 90]), ["first"], np.array([0, 0, 0]), weights)
        assert found == pytest.approx([weights.pooled(early)["first"], weights.pooled(late)["first"], 1 / 3])

    def test_slots_are_used_again(self):
        kept = KeptVotes()
        kept.keep(3, votes_of([0.9, 0.1], [0.6, 0.4]))
        kept.keep(3, votes_of([0.2, 0.8]))
        assert kept.slot(3).to_wire() == {
            "naive bayes": pytest.approx([math.log(0.2), math.log(0.8)], abs=1e-6),
            "linear": [0.0, 0.0],
        }
