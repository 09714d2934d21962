"""A committee to arrays: what its members know, and what their votes are pooled with.

All grows at the end only (words, inputs in the order in which they were first learned), so that a delta
brings what is new and what has changed.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.core.compiled.committee_functions import BOTH_WRONG, COUNTS, SOME_WRONG, VERDICTS
from winnow.core.compiled.inputs import Arrays, Codes, Floats, Inputs
from winnow.core.compiled.text_compiler import TABLE, WORDS, joined
from winnow.core.models.committee import Committee
from winnow.core.models.committee.binned_inputs import BinnedInputs
from winnow.core.models.committee.column_reader import ColumnReader
from winnow.core.models.committee.embedding_members import LinearEmbedding
from winnow.core.models.committee.function_members import FunctionPanel
from winnow.core.models.committee.members import Group
from winnow.core.models.committee.seats import EMBEDDING_MEMBERS, TABLE_MEMBERS, TEXT_MEMBERS
from winnow.core.models.committee.table_members import BayesTable, BinnedTable, LinearTable
from winnow.core.models.committee.text_members import BayesText, LinearText
from winnow.core.models.committee.word_reader import WordReader
from winnow.core.models.task_classifier import TaskClassifier

BIAS, NUMBER, BIN, CATEGORY, PAIR = range(5)
KINDS = 3
"""What an input is stands in the lowest bits of its code, which one it is in the others."""

_Part = tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]


def is_of_arrays(classifier: TaskClassifier) -> bool:
    """Whether all members are known here: foreign models bring votes that no array holds."""
    committee = _committee(classifier)
    panel = committee.functions
    members = set(committee.members) - {member.name for member in (panel.members if panel else ())}
    whole = [set(group) for group in (TEXT_MEMBERS, TABLE_MEMBERS, EMBEDDING_MEMBERS) if members & set(group)]
    return members == set().union(*whole)


def compile_committee(classifier: TaskClassifier, _: Inputs) -> tuple[str, dict[str, Any], Arrays]:
    """Kind, metadata and arrays of a `committee`."""
    committee = _committee(classifier)
    meta: dict[str, Any] = {"members": list(committee.pool.members)}
    arrays: dict[str, npt.NDArray[Any]] = {"a": committee.pool.a.copy(), "b": committee.pool.b.copy()}
    for group in committee.groups:
        for said, into in zip(_part(group), (meta, arrays), strict=True):
            into.update(said)
    return "committee", meta, arrays


def code_of(kind: int, numbers: Codes) -> npt.NDArray[np.int32]:
    """Codes of some inputs of one kind."""
    return ((numbers << KINDS) | kind).astype(np.int32)


def _committee(classifier: TaskClassifier) -> Committee:
    if not isinstance(classifier.model, Committee):
        raise TypeError(f"a committee was expected, not a {type(classifier.model).__name__}")
    return classifier.model


def _part(group: Group[Any, Any]) -> _Part:
    if isinstance(group, FunctionPanel):
        return _functions(group)
    match group.reader, group.members:
        case WordReader() as reader, (LinearText() as linear, BayesText() as bayes):
            return _text(reader, linear, bayes)
        case ColumnReader() as columns, (LinearTable() as linear, BinnedTable() as binned, BayesTable() as bells):
            return _table(columns, linear, binned, bells)
        case _, (LinearEmbedding() as member,):
            return {}, {"embedding": _weights(member)}
    raise TypeError("a group of other members was not expected")


def _text(reader: WordReader, linear: LinearText, bayes: BayesText) -> _Part:
    words = len(reader.places)
    weights, amounts = _weights(linear), bayes.amounts.cells[:words]
    amounts = np.concatenate([amounts, np.zeros((words - len(amounts), weights.shape[1]))])
    arrays = {
        WORDS: joined(reader.places),
        TABLE: np.hstack([weights[1 : words + 1], amounts, reader.with_word[:words, None]]),
        "text_bias": weights[:1],
        "text_prior": bayes.prior,
        "text_denominators": bayes.denominators,
    }
    return {"rarity": reader.rarity}, arrays


def _table(reader: ColumnReader, linear: LinearTable, binned: BinnedTable, bayes: BayesTable) -> _Part:
    known = len(reader.number_columns)
    bells = bayes.bells(reader.means[: bayes.counts.shape[1]], reader.variances[: bayes.counts.shape[1]])
    meta: dict[str, Any] = {
        "numbers": list(reader.number_columns),
        "categories": list(reader.category_columns),
        "values": [[reader.category_columns[name], value] for name, value in reader.categories],
    }
    arrays: dict[str, npt.NDArray[Any]] = {
        "means": reader.means.copy(),
        "scales": _padded(reader.scales, known),
        "linear": _weights(linear),
        "linear_codes": _codes(linear.rows, {NUMBER: linear.of_numbers, CATEGORY: linear.of_categories}),
        "binned": _weights(binned),
        "binned_codes": _binned_codes(binned.inputs),
        "bayes_prior": bayes.prior,
        "bell_means": np.ascontiguousarray(bells.means),
        "bell_variances": np.ascontiguousarray(bells.variances),
        "bell_logs": np.ascontiguousarray(bells.logs),
        "bell_usable": bells.usable.astype(np.uint8),
    }
    return meta, arrays


def _functions(panel: FunctionPanel) -> _Part:
    arrays = {
        COUNTS: panel.counts.reshape(-1, len(panel.verdicts)).copy(),
        VERDICTS: panel.verdicts.copy(),
        BOTH_WRONG: panel.both_wrong.copy(),
        SOME_WRONG: panel.some_wrong.copy(),
    }
    return {"functions": list(panel.reader.names)}, arrays


def _binned_codes(inputs: BinnedInputs) -> npt.NDArray[np.int32]:
    return _codes(inputs.rows, {BIN: inputs.of_bins, CATEGORY: inputs.of_categories, PAIR: inputs.of_pairs})


def _codes(rows: int, by_kind: dict[int, npt.NDArray[Any]]) -> npt.NDArray[np.int32]:
    codes = np.zeros(rows, dtype=np.int32)
    for kind, of_numbers in by_kind.items():
        numbers = np.flatnonzero(of_numbers >= 0)
        codes[of_numbers[numbers]] = code_of(kind, numbers)
    return codes


def _weights(member: LinearText | LinearTable | BinnedTable | LinearEmbedding) -> Floats:
    table = member.steps.weights
    return table.cells[: table.rows].copy()


def _padded(array: Floats, length: int) -> Floats:
    return np.concatenate([array, np.zeros(length - len(array))])
