"""Tasks, records and models for tests of compiled models, and what it means that scores are the same."""

import math
import random

from hypothesis import strategies as st

from winnow.core.compiled import Compiled, compile_model, scorer
from winnow.core.models import RecordReader, build, scores_of
from winnow_schemas.task import Task

TABLES = ("logistic", "gaussian_naive_bayes", "hoeffding_tree", "adaptive_random_forest")
TEXTS = ("text_naive_bayes", "text_logistic")
LABELS = {2: ("ham", "spam"), 3: ("ham", "spam", "news")}
SENDERS = ("anna", "bert", "carla", "dora")
WORDS = ("meeting", "notes", "win", "prize", "election", "straße", "наука", "a", "I", "x_1", "ΑΣ.Α", "42")


def task_of(labels=2, **more):
    features = {"size": "number", "sender": "category", "known": "flag", "weight": "number", "tone": "category"}
    inputs = {"features": features, "embedding": 2, "text": False} | more.pop("input", {})
    return Task.model_validate({"task": "mail", "labels": LABELS[labels], "input": inputs, **more})


def usual_records(task, count, seed):
    """A stream in which everything says something of the label, and some of it is missing."""
    chance = random.Random(seed)
    for _ in range(count):
        label = chance.choice(task.labels)
        place = task.labels.index(label)
        features = {
            "size": chance.gauss(3 * place, 1),
            "weight": 1e9 + chance.gauss(place, 0.5),
            "sender": SENDERS[(place + chance.randrange(2)) % len(SENDERS)],
            "tone": chance.choice(["kind", "rude", str(place)]),
            "known": chance.random() < 0.3 + 0.4 * (place == 0),
        }
        for name in chance.sample(sorted(features), chance.choice([0, 0, 0, 1, 2])):
            del features[name]
        record = {"features": features, "text": " ".join([*chance.choices(WORDS, k=6), label])}
        if chance.random() < 0.8:
            record["embedding"] = [chance.gauss(place, 1), chance.random()]
        yield record, label


def taught(task, name, verdicts):
    """A model that has learned, as the learner teaches it."""
    model, reader = build(task, name), RecordReader(task)
    for record, label in verdicts:
        model.learn_one(reader.read(record).values, label)
    return model


def compiled(task, name, model, version=7):
    """Compiled, and through bytes and back, as it travels."""
    made = compile_model(task, name, model, version)
    return Compiled.from_bytes(made.to_bytes(), task)


def one_by_one(task, model, records):
    reader = RecordReader(task)
    return [scores_of(model, reader.read(record).values) for record in records]


def assert_same_scores(task, name, model, records):
    """Within 1e-9, and the same decisions, from any threshold's point of view."""
    compiled_scores = scorer(compiled(task, name, model)).score(records)
    for expected, found in zip(one_by_one(task, model, records), compiled_scores, strict=True):
        assert (expected is None) == (found is None)
        if expected is not None:
            assert list(expected) == list(found)
            assert all(math.isclose(expected[label], found[label], rel_tol=0, abs_tol=1e-9) for label in expected)
            assert same_order(expected, found)


def same_order(expected, found):
    """The same label on top, but where two are equal as far as floating point goes."""
    first, second = sorted(expected.values(), reverse=True)[:2]
    return first - second < 1e-9 or max(expected, key=expected.get) == max(found, key=found.get)


numbers = st.one_of(
    st.floats(-5, 5),
    st.sampled_from([0.0, 1.0, -0.0, 1e9, 1e9 + 1, 1e99, -1e99, 1e100, 1e101, 1e308, -1e308, 5e-324, 1e-300]),
)
odd_values = st.one_of(numbers, st.booleans(), st.text(max_size=3), st.integers(-3, 3))
senders = st.one_of(st.sampled_from(SENDERS), st.text(max_size=3))
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.text(max_size=40),
    st.text(alphabet="ab_1 éİΣſK’’-ñ\u0300\x00\n", max_size=60),
)


@st.composite
def records(draw):
    """Anything that may stand in a record: missing, extra, of the wrong kind, extreme."""
    usual = {"size": numbers, "weight": numbers, "sender": senders, "tone": senders, "known": st.booleans()}
    features = draw(st.fixed_dictionaries({}, optional=usual))
    if draw(st.booleans()):
        features[draw(st.sampled_from([*usual, "extra"]))] = draw(odd_values)
    record = {"features": features}
    if draw(st.booleans()):
        record["embedding"] = draw(st.lists(numbers, max_size=3))
    if draw(st.booleans()):
        record["text"] = draw(texts)
    return record
