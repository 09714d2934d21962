"""Deltas lead from one published version to the next, in place where a model is large, and only in their order."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.compiled.compiled_cases import TABLES, TEXTS, WORDS, task_of, taught, usual_records

from winnow.core.compiled import Compiled, Delta, Series, apply, compile_model, delta_between, scorer
from winnow.core.models import RecordReader, build
from winnow.core.models.text_naive_bayes import TextNaiveBayes
from winnow.core.models.vocabulary import Bag

MAX_DELTA_BYTES = 1_000_000


def same_contents(first, second):
    return first.arrays.keys() == second.arrays.keys() and all(
        np.array_equal(first.arrays[name], second.arrays[name], equal_nan=True) for name in first.arrays
    )


def through_bytes(delta):
    return Delta.from_bytes(delta.to_bytes(), delta.task)


def versions(task, name, *ends):
    """The same model, compiled after more and more verdicts."""
    stream = list(usual_records(task, max(ends), seed=4))
    return [compile_model(task, name, taught(task, name, stream[:end]), end) for end in ends]


@pytest.mark.parametrize("name", TABLES + TEXTS)
class TestEveryModel:
    def test_a_delta_leads_to_the_later_version(self, name):
        task = task_of(3, input={"text": name in TEXTS})
        for before, after in itertools.pairwise(versions(task, name, 0, 1, 40, 41, 300)):
            reached = apply(before, through_bytes(delta_between(before, after)))
            assert same_contents(reached, after)
            assert (reached.version, reached.learned, reached.meta) == (after.version, after.learned, after.meta)

    def test_a_scorer_that_followed_deltas_scores_as_one_that_did_not(self, name):
        task = task_of(3, input={"text": name in TEXTS})
        before, between, after = versions(task, name, 20, 60, 90)
        first = delta_between(before, between)
        second = delta_between(apply(before, first), after)
        records = [record for record, _ in usual_records(task, 60, seed=5)]
        followed = scorer(before).advanced(through_bytes(first)).advanced(through_bytes(second))
        assert (followed.version, followed.digest) == (90, second.digest)
        assert np.array_equal(followed.score_matrix(records), scorer(after).score_matrix(records))

    def test_a_delta_goes_on_from_its_own_base_only(self, name):
        task = task_of(2, input={"text": name in TEXTS})
        before, between, after = versions(task, name, 20, 60, 90)
        first = delta_between(before, between)
        second = delta_between(apply(before, first), after)
        records = [record for record, _ in usual_records(task, 20, seed=5)]
        ready = scorer(before)
        scores = ready.score(records)
        with pytest.raises(ValueError, match="wait for the next full snapshot"):
            ready.advanced(second)
        with pytest.raises(ValueError, match="wait for the next full snapshot"):
            apply(between, second)
        assert ready.score(records) == scores
        assert ready.version == 20


def test_other_labels_need_a_full_snapshot():
    task = task_of(2, open_labels=True, input={"text": True})
    model = taught(task, "text_naive_bayes", usual_records(task, 20, seed=4))
    before = compile_model(task, "text_naive_bayes", model, 20)
    series = Series(task, "text_naive_bayes")
    series.full(model, 20)
    series.published()
    model.learn_one({"text": "storm"}, "weather")
    series.learned({"text": "storm"})
    assert series.delta(model, 21) is None
    assert delta_between(before, compile_model(task, "text_naive_bayes", model, 21)) is None


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("labels", [2, 3])
class TestSeries:
    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=8), st.sampled_from("pfax")),
            max_size=25,
        )
    )
    def test_deltas_of_changed_words_reach_what_a_full_snapshot_holds(self, name, labels, steps):
        """p: a publication; f: one with a full snapshot; a: one that is aborted; x: none."""
        task = task_of(labels, input={"text": True})
        model, reader, series = build(task, name), RecordReader(task), Series(task, name)
        held = series.full(model, 0)
        series.published()
        ready = scorer(held)
        for version, (words, what) in enumerate(steps, 1):
            values = reader.read({"text": " ".join(words)}).values
            model.learn_one(values, task.labels[version % labels])
            series.learned(values)
            if what == "x":
                continue
            delta = series.delta(model, version)
            full = series.full(model, version) if what == "f" else None
            if what == "a":
                continue
            series.published()
            held, ready = apply(held, through_bytes(delta)), ready.advanced(through_bytes(delta))
            assert same_contents(held, compile_model(task, name, model, version))
            assert full is None or (full.digest == held.digest and same_contents(full, held))
            texts = [{"text": "win prize notes"}, {"text": " ".join(words)}]
            assert np.array_equal(ready.score_matrix(texts), scorer(held).score_matrix(texts))


@pytest.mark.parametrize("name", TABLES)
def test_small_models_are_published_whole(name):
    task = task_of(2)
    model, series = taught(task, name, usual_records(task, 100, seed=1)), Series(task, name)
    first = series.full(model, 100)
    series.published()
    assert first.digest == compile_model(task, name, model, 100).digest
    assert series.delta(model, 101) is None


def test_a_large_forest_is_published_as_what_has_changed():
    task = task_of(3)
    stream = list(usual_records(task, 600, seed=3))
    model, series = taught(task, "adaptive_random_forest", stream[:599]), Series(task, "adaptive_random_forest")
    first = series.full(model, 599)
    series.published()
    model.learn_one(RecordReader(task).read(stream[-1][0]).values, stream[-1][1])
    delta = series.delta(model, 600)
    if delta is None:
        assert sum(array.nbytes for array in first.arrays.values()) < 64 * 1024
        return
    assert same_contents(apply(first, delta), compile_model(task, "adaptive_random_forest", model, 600))


def test_a_model_of_ones_own_makes_no_series():
    task = task_of(2)
    series = Series(task, "python: tests.models:build")
    assert series.full(build(task, "logistic"), 1) is None
    assert series.delta(build(task, "logistic"), 2) is None


class TestManyWords:
    """200,000 words and 20 labels."""

    LABELS = tuple(f"label{number}" for number in range(20))
    WORDS = tuple(f"word{number:06d}" for number in range(200_000))

    def task(self):
        return task_of(2, input={"text": True, "features": {}, "embedding": None}).model_copy(
            update={"labels": self.LABELS}
        )

    def model(self, task, name):
        """As if it had learned all the words."""
        model = build(task, name)
        model.learned = 1
        inner, every = model.model, Bag(tuple(self.WORDS), np.ones(len(self.WORDS)))
        if isinstance(inner, TextNaiveBayes):
            for label in self.LABELS:
                inner.learn_one({"text": "word000000"}, label)
            inner.vocabulary.learn(every)
            inner.counts_by_word = np.random.default_rng(1).integers(0, 900, (len(self.WORDS), 20)).astype(float)
        else:
            inner.linear.vocabulary.learn(every)
            inner.linear.weights_by_word = np.random.default_rng(1).normal(0, 1, (len(self.WORDS), 20))
            inner.linear.squares_by_word = np.ones_like(inner.linear.weights_by_word)
        return model

    @pytest.mark.parametrize(("name", "verdicts"), [("text_naive_bayes", 300), ("text_logistic", 50)])
    def test_a_publication_costs_less_than_a_megabyte(self, name, verdicts):
        task = self.task()
        model, series, rng = self.model(task, name), Series(task, name), np.random.default_rng(2)
        full = series.full(model, 0)
        series.published()
        ready = scorer(Compiled.from_bytes(full.to_bytes(), task))
        for verdict in range(verdicts):
            words = [self.WORDS[number % len(self.WORDS)] for number in rng.zipf(1.3, 100)] + [f"new{verdict}"]
            values = {"text": " ".join(words)}
            model.learn_one(values, self.LABELS[verdict % 20])
            series.learned(values)
        delta = series.delta(model, verdicts)
        assert len(delta.to_bytes()) < MAX_DELTA_BYTES
        ready.advanced(delta)
        texts = [{"text": f"new3 word{number:06d} word000001 unheard"} for number in range(50)]
        anew = scorer(compile_model(task, name, model, verdicts))
        assert np.array_equal(ready.score_matrix(texts), anew.score_matrix(texts))
