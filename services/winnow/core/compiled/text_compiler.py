"""Text models to arrays, whole, or only what some words have changed.

Tables have a row per word, so that what a text needs lies side by side and a word that changes is one row.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.core.compiled.inputs import Arrays, Codes, Integers, Meta
from winnow.core.models.task_classifier import TaskClassifier, YesNo
from winnow.core.models.text_logistic import TextLogistic, TextSoftmax
from winnow.core.models.text_naive_bayes import TextNaiveBayes
from winnow.core.models.vocabulary import Vocabulary

WORDS = "words"
TABLE = "table"
_SURROGATES = "surrogatepass"
TextModel = TextNaiveBayes | TextLogistic | TextSoftmax


def text_model(classifier: TaskClassifier) -> TextModel:
    """The text model inside a classifier."""
    model = classifier.model.model if isinstance(classifier.model, YesNo) else classifier.model
    if not isinstance(model, TextModel):
        raise TypeError(f"a text model was expected, not a {type(model).__name__}")
    return model


def vocabulary_of(model: TextModel) -> Vocabulary:
    """The words that a model knows."""
    return model.vocabulary if isinstance(model, TextNaiveBayes) else model.linear.vocabulary


def compile_text(classifier: TaskClassifier) -> tuple[str, dict[str, Any], Arrays]:
    """Kind, metadata and arrays of `text_naive_bayes` and `text_logistic`."""
    model = text_model(classifier)
    words = vocabulary_of(model).numbers
    kind, meta, small = compile_all_but_words(classifier)
    everything = np.arange(len(words), dtype=np.intp)
    return kind, meta, {WORDS: joined(words), TABLE: table_rows(classifier, everything), **small}


def compile_all_but_words(classifier: TaskClassifier) -> tuple[str, dict[str, Any], Arrays]:
    """Kind, metadata and the arrays that do not grow with the vocabulary."""
    model = text_model(classifier)
    if isinstance(model, TextNaiveBayes):
        columns = [model.columns.get(label) for label in classifier.known]
        texts = np.array([0 if column is None else model.texts[column] for column in columns], dtype=np.float64)
        totals = np.array([0.0 if column is None else model.totals[column] for column in columns])
        return "text_naive_bayes", {"alpha": model.alpha}, {"texts": texts, "totals": totals}
    if isinstance(model, TextLogistic):
        return "text_logistic", {}, {"constants": np.array([model.intercept])}
    return "text_softmax", {}, {"constants": model.constants[_columns(model, classifier)]}


class ChangedWords(NamedTuple):
    """Words and the rows that changed, `new` ones at the end of the vocabulary; `small` are the other arrays, whole."""

    kind: str
    meta: Meta
    small: Arrays
    new: list[str]
    places: Integers
    rows: npt.NDArray[Any]
    words: int


def changed_words(classifier: TaskClassifier, changed: Iterable[str], known: int) -> ChangedWords | None:
    """What leads on from a version that knew so many words; None when there are others than the changed ones.

    Costs as much as these words, however many there are in all.
    """
    known_words = vocabulary_of(text_model(classifier)).numbers
    words = list(changed)
    numbers = np.fromiter(map(known_words.get, words, repeat(-1)), np.int64, len(words))
    order = np.argsort(numbers, kind="stable")
    order = order[np.searchsorted(numbers, 0, sorter=order) :]
    new = [words[place] for place in order[np.searchsorted(numbers[order], known) :].tolist()]
    if len(new) != len(known_words) - known:
        return None
    kind, meta, small = compile_all_but_words(classifier)
    places = numbers[order]
    return ChangedWords(kind, meta, small, new, places, table_rows(classifier, places), len(known_words))


def table_rows(classifier: TaskClassifier, words: Codes) -> npt.NDArray[Any]:
    """What the model knows of some words (by their numbers in its vocabulary): a row per word."""
    model = text_model(classifier)
    if isinstance(model, TextNaiveBayes):
        counts = np.zeros((len(words), len(classifier.known)), dtype=np.int32)
        met = {place: model.columns[label] for place, label in enumerate(classifier.known) if label in model.columns}
        counts[:, list(met)] = model.counts_by_word[words[:, None], list(met.values())]
        return counts
    weights = model.linear.weights_by_word[words]
    return weights if isinstance(model, TextLogistic) else np.ascontiguousarray(weights[:, _columns(model, classifier)])


def joined(words: Iterable[str]) -> npt.NDArray[np.uint8]:
    """Words as one array of bytes."""
    return np.frombuffer("\n".join(words).encode(errors=_SURROGATES), dtype=np.uint8)


def appended(words: Sequence[str], known: int) -> npt.NDArray[np.uint8]:
    """What to put behind an array of so many words to make these follow."""
    return joined(["", *words]) if known and words else joined(words)


def parted(words: npt.NDArray[np.uint8]) -> Sequence[str]:
    """The words of such an array, or of what is put behind one; raises `ValueError`."""
    text = words.tobytes().decode(errors=_SURROGATES)
    return text.removeprefix("\n").split("\n") if text else []


def _columns(model: TextSoftmax, classifier: TaskClassifier) -> list[int]:
    return [model.columns[label] for label in classifier.known]
