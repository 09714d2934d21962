"""What each member makes of a few verdicts, against the formulas."""

import math

import numpy as np
import pytest

from winnow.core.models import FUNCTION_VOTES
from winnow.core.models.committee import Committee, function_member, model_member, scores_by
from winnow.core.models.committee.binned_inputs import BinnedInputs
from winnow.core.models.committee.column_reader import ABSENT, ColumnReader
from winnow.core.models.committee.seats import TABLE_MEMBERS
from winnow.core.models.committee.seeded_choice import SeededChoice, seed_of
from winnow.core.models.committee.word_reader import WordReader

LABELS = ("ham", "spam")


def committee(*members, **more):
    return Committee(LABELS, members, **{"replays": 0, **more})


def voted(**votes):
    return {FUNCTION_VOTES: votes}


def said(model, x, member):
    votes = model.votes_one(x)
    return np.exp(votes.logs[votes.members.index(member)])


class TestTexts:
    def test_three_verdicts_without_replay_give_the_scores_of_the_vectors(self):
        model = committee("text_linear", "text_bayes")
        linear, _ = model.groups[0].members
        linear.steps.rate = 0.5  # as when the vectors were made
        for text, label in (("cheap cheap pills", "spam"), ("meeting monday", "ham"), ("cheap meeting", "ham")):
            model.learn_one({"text": text}, label)
        x = {"text": "cheap unseen"}
        assert said(model, x, "text_bayes")[0] == pytest.approx(0.567929, abs=1e-6)
        assert said(model, x, "text_linear")[0] == pytest.approx(0.488033, abs=1e-6)
        assert model.predict_proba_one(x)["ham"] == pytest.approx(0.498268, abs=1e-6)

    def test_words_that_nobody_knows_lower_the_confidence(self):
        model = committee("text_linear")
        for _ in range(20):
            model.learn_one({"text": "cheap pills"}, "spam")
            model.learn_one({"text": "see you"}, "ham")
        known, half = ({"text": text} for text in ("cheap pills", "cheap pills utterly unseen things"))
        assert 0.5 < said(model, half, "text_linear")[1] < said(model, known, "text_linear")[1]

    def test_a_word_too_many_stays_unknown(self):
        reader = WordReader(most=2)
        assert len(reader.learn({"text": "one two three"}).words) == 2
        assert reader.full
        assert reader.read({"text": "three one"}).unknown.tolist() == [1.0]


class TestColumns:
    def test_numbers_are_standardised_by_the_verdicts_so_far(self):
        reader = ColumnReader(most=10)
        values = [3.0, 5.0, 10.0, 2.0]
        for value in values:
            reader.learn({"size": value, "same": 1.0})
        z = (4.0 - np.mean(values)) / np.std(values)
        assert reader.see(reader.read({"size": 4.0, "same": 1.0})).z.tolist() == [0.0, pytest.approx(z)]
        assert reader.see(reader.read({"size": 1e6})).z.tolist() == [0.0, 5.0]
        assert reader.see(reader.read({})).z.tolist() == [0.0, 0.0]

    def test_a_category_too_many_counts_as_missing(self):
        reader = ColumnReader(most=2)
        for name in ("red", "blue", "green"):
            row = reader.learn({"color": name})
        assert reader.full
        assert row.categories.tolist() == [ABSENT]

    def test_what_belongs_to_other_readers_is_no_column(self):
        reader = ColumnReader(most=10, others=("text", "e0"))
        reader.learn({"text": "words", "e0": 1.0, "size": 2.0})
        assert (list(reader.number_columns), list(reader.category_columns)) == (["size"], [])


def test_a_row_has_an_input_per_bin_category_and_pair_and_a_bias():
    reader, inputs = ColumnReader(most=10), BinnedInputs()
    rows = [{"a": float(n), "b": float(-n), "color": "red"} for n in range(9)]
    for x in rows:
        inputs.learn(reader.see(reader.learn(x)))
    found = inputs.read(reader.see(reader.read(rows[4])))
    assert len(found.rows) == 1 + 3 + 3
    assert (found.rows[0], found.values[0]) == (0, 1.0)
    assert found.values[1:] == pytest.approx(0.7 / math.sqrt(7 / 8))


def test_above_twenty_four_columns_there_are_no_pairs():
    reader, inputs = ColumnReader(most=10), BinnedInputs()
    x = {f"n{place}": float(place) for place in range(25)}
    assert len(inputs.learn(reader.see(reader.learn(x))).rows) == 1 + 25


def test_gaussian_bayes_is_unsure_where_it_knows_nothing_and_sure_where_labels_differ():
    model = committee("table_bayes")
    assert said(model, {"size": 1.0}, "table_bayes").tolist() == [0.5, 0.5]
    for n in range(30):
        model.learn_one({"size": float(n % 5)}, "ham")
        model.learn_one({"size": 10.0 + n % 5}, "spam")
    assert said(model, {"size": 2.0}, "table_bayes")[0] > 0.99
    assert said(model, {}, "table_bayes").tolist() == pytest.approx([0.5, 0.5])


def test_a_record_without_an_embedding_is_not_voted_on_by_the_member_for_embeddings():
    model = committee("embedding_linear", embedding=2)
    for _ in range(20):
        model.learn_one({"e0": 3.0, "e1": 0.0}, "ham")
        model.learn_one({"e0": 0.0, "e1": 2.0}, "spam")
    assert model.votes_one({}).logs.tolist() == [[0.0, 0.0]]
    assert said(model, {"e0": 0.1, "e1": 0.0}, "embedding_linear")[0] > 0.8


class TestLabellingFunctions:
    CASH, SHORT = (function_member(name) for name in ("cash", "short"))

    def test_a_vote_is_worth_what_was_counted(self):
        model = committee(self.CASH)
        for label in ("spam", "spam", "ham"):
            model.learn_one(voted(cash="spam"), label)
        chances = (0.6 + 1) / (2 + 1), (1.4 + 2) / (2 + 2)
        assert said(model, voted(cash="spam"), self.CASH).tolist() == pytest.approx([c / sum(chances) for c in chances])

    def test_before_any_verdict_it_is_taken_to_be_right(self):
        assert said(committee(self.CASH), voted(cash="spam"), self.CASH).tolist() == pytest.approx([0.3, 0.7])

    def test_how_often_it_is_silent_beside_a_label_tells_too(self):
        model = committee(self.CASH)
        for _ in range(200):
            model.learn_one(voted(cash="spam"), "spam")
            model.learn_one(voted(), "ham")
            model.learn_one(voted(cash="spam"), "ham")
            model.learn_one(voted(), "ham")
        assert said(model, voted(cash="spam"), self.CASH)[1] == pytest.approx(0.75, abs=0.01)

    @pytest.mark.parametrize(
        "nothing", [{}, {FUNCTION_VOTES: {}}, {FUNCTION_VOTES: {"cash": "no label", "odd": "spam"}}]
    )
    def test_who_says_no_label_abstains_and_moves_no_weight(self, nothing):
        model = committee(self.CASH)
        for _ in range(50):
            model.learn_one(voted(cash="spam"), "spam")
        before = model.weights.members
        assert model.votes_one(nothing).logs.tolist() == [[0.0, 0.0]]
        model.learn_one(nothing, "ham")
        assert model.weights.members == before

    def test_a_record_about_which_nobody_was_asked_says_nothing_of_functions(self):
        model = committee(self.CASH)
        before = said(model, voted(cash="spam"), self.CASH).tolist()
        model.learn_one({}, "ham")
        assert said(model, voted(cash="spam"), self.CASH).tolist() == before

    def test_two_copies_of_one_change_no_score(self):
        single, double = committee(self.CASH, self.SHORT), committee(self.CASH, self.SHORT, function_member("copy"))
        choice = SeededChoice(6)
        for verdicts in range(1_200):
            label = LABELS[choice.below(2)]
            cash, short = (label if choice.below(10) < sure else LABELS[label == LABELS[0]] for sure in (8, 7))
            x = voted(cash=cash, short=short, copy=cash)
            if verdicts >= 1_000:
                assert abs(single.predict_proba_one(x)["spam"] - double.predict_proba_one(x)["spam"]) <= 1e-12
            for model in (single, double):
                model.learn_one(x, label)

    def test_two_that_agree_count_as_one_until_they_have_erred_apart(self):
        model, choice = committee(self.CASH, self.SHORT), SeededChoice(9)
        both = voted(cash="spam", short="spam")
        assert said(model, both, self.SHORT).tolist() == [1.0, 1.0]
        for _ in range(2_000):
            label = LABELS[choice.below(2)]
            votes = (label if choice.below(10) < 6 else LABELS[label == LABELS[0]] for _ in range(2))
            model.learn_one(voted(**dict(zip(("cash", "short"), votes, strict=True))), label)
        shares = np.exp(model.votes_one(both).logs.sum(axis=0))
        assert 0.63 < shares[1] / shares.sum() < 0.69  # 0.6 alone; 0.69 if one knew that they are independent

    def test_a_label_that_joins_is_voted_on(self):
        model = committee(self.CASH)
        for _ in range(30):
            model.learn_one(voted(cash="eggs"), "eggs")
        assert model.predict_proba_one(voted(cash="eggs"))["eggs"] > 0.5

    def test_columns_do_not_take_the_votes_for_a_number(self):
        model = committee(*TABLE_MEMBERS, self.CASH)
        model.learn_one({"size": 1.0, **voted(cash="spam")}, "spam")
        assert model.groups[0].reader.number_columns == {"size": 0}


class TestOutsiders:
    def test_a_foreign_model_brings_its_own_probabilities(self):
        model = committee(model_member("bert"))
        assert said(model, {scores_by("bert"): {"ham": 0.2, "spam": 0.8}}, "model bert").tolist() == [
            pytest.approx(0.2),
            pytest.approx(0.8),
        ]

    @pytest.mark.parametrize(
        "scores", [None, {}, "spam", {"ham": 2.0}, {"ham": "much"}, {"ham": math.nan}, {"eggs": 1.0}]
    )
    def test_scores_that_are_none_count_as_an_abstention(self, scores):
        assert not committee(model_member("bert")).votes_one({scores_by("bert"): scores}).logs.any()

    def test_a_member_that_does_not_exist_is_refused(self):
        with pytest.raises(ValueError, match="no member is called oracle"):
            committee("text_linear", "oracle")


def test_choices_depend_on_the_seed_alone_and_are_even():
    choice, again = SeededChoice(seed_of("mail")), SeededChoice(seed_of("mail"))
    drawn = [choice.below(10) for _ in range(10_000)]
    assert drawn == [again.below(10) for _ in range(10_000)]
    counts = np.bincount(drawn, minlength=10)
    assert abs(counts - 1000).max() < 150
    assert SeededChoice(0).below(2**64) == 0xE220A8397B1DCDAF
