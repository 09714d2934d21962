"""The text models against River's own, and how texts become words."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import feature_extraction, linear_model, naive_bayes, optim, preprocessing

from winnow.core.models.text_logistic import TextLogistic, TextSoftmax
from winnow.core.models.text_naive_bayes import TextNaiveBayes
from winnow.core.models.vocabulary import Vocabulary, bag_of
from winnow.core.tokens import MAX_TOKENS, tokens

LETTERS = "abcdefghij"


def texts(count, labels, seed=3):
    chance = random.Random(seed)
    for _ in range(count):
        label = chance.choice(labels)
        words = chance.choices(LETTERS, k=chance.randrange(12)) + chance.choices(
            LETTERS[: labels.index(label) + 2], k=2
        )
        yield " ".join(2 * word for word in words), label


class Constant(preprocessing.Normalizer):
    def transform_one(self, x):
        return {**super().transform_one(x), "the constant": 1.0}


def bag():
    return feature_extraction.BagOfWords(on="text", tokenizer=tokens)


@given(st.lists(st.tuples(st.booleans(), st.text("abc ", max_size=8)), max_size=20))
def test_a_vocabulary_gives_words_their_numbers_in_the_order_in_which_they_are_learned(steps):
    vocabulary, known = Vocabulary(), []
    for is_learned, text in steps:
        bag = bag_of(text)
        if is_learned:
            known += [word for word in bag.words if word not in known]
            assert vocabulary.learn(bag).tolist() == [known.index(word) for word in bag.words]
        else:
            numbers, amounts, unknown = vocabulary.look_up(bag)
            assert numbers.tolist() == [known.index(word) for word in bag.words if word in known]
            assert len(amounts) + len(unknown) == len(bag.words)
    assert list(vocabulary.numbers) == known


def softmax_that_knows(labels):
    model = linear_model.SoftmaxRegression(optim.AdaGrad(0.3))
    for label in labels:
        model.weights[label]
    return model


LABELS = ["x", "y", "z"]
PAIRS = [
    (TextNaiveBayes, lambda: bag() | naive_bayes.MultinomialNB(), LABELS),
    (
        TextLogistic,
        lambda: bag() | preprocessing.Normalizer() | linear_model.LogisticRegression(optim.AdaGrad(0.3)),
        [False, True],
    ),
    (lambda: TextSoftmax(tuple(LABELS)), lambda: bag() | Constant() | softmax_that_knows(LABELS), LABELS),
]


@pytest.mark.parametrize(("ours", "rivers", "labels"), PAIRS, ids=["naive bayes", "logistic", "softmax"])
def test_scores_equal_those_of_rivers_model(ours, rivers, labels):
    ours, rivers = ours(), rivers()
    for text, label in texts(300, labels):
        x = {"text": text}
        if text.strip():
            assert ours.predict_proba_one(x) == pytest.approx(rivers.predict_proba_one(x), abs=1e-9)
        ours.learn_one(x, label)
        rivers.learn_one(x, label)


def test_words_are_lower_case_and_of_two_or_more_characters():
    assert tokens("I am Ümit, a_b c 42 7!") == ["am", "ümit", "a_b", "42"]


def test_only_the_first_words_count():
    assert tokens("aa " * 5000) == ["aa"] * MAX_TOKENS


@given(st.text())
def test_any_text_becomes_words(text):
    assert all(len(word) >= 2 for word in tokens(text))
