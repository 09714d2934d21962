"""Who sits in a committee: members by name, put together with what they read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from winnow.core.models.committee.column_reader import ColumnReader
from winnow.core.models.committee.embedding_members import EmbeddingReader, LinearEmbedding, embedding_names
from winnow.core.models.committee.function_members import FunctionPanel
from winnow.core.models.committee.members import Group, Member
from winnow.core.models.committee.outside_members import ForeignModel, OutsideReader, scores_by
from winnow.core.models.committee.table_members import BayesTable, BinnedTable, LinearTable
from winnow.core.models.committee.text_members import BayesText, LinearText
from winnow.core.models.committee.word_reader import WordReader
from winnow.core.models.record_input import FUNCTION_VOTES

TEXT_MEMBERS: Mapping[str, Callable[[int], Member[Any]]] = {"text_linear": LinearText, "text_bayes": BayesText}
TABLE_MEMBERS: Mapping[str, Callable[[int], Member[Any]]] = {
    "table_linear": LinearTable,
    "table_binned": BinnedTable,
    "table_bayes": BayesTable,
}
EMBEDDING_MEMBERS = ("embedding_linear",)
_FUNCTION = "function "
_MODEL = "model "
_MOST_WORDS = 1 << 18
_MOST_CATEGORIES = 1 << 16
_MOST_CELLS = 1 << 22
"""Inputs times labels, so that many labels do not multiply the memory."""


def function_member(name: str) -> str:
    """The member that is a labelling function of this name."""
    return _FUNCTION + name


def model_member(name: str) -> str:
    """The member that is a foreign model of this name."""
    return _MODEL + name


def groups(names: Sequence[str], labels: Sequence[Any], embedding: int) -> tuple[Group[Any, Any], ...]:
    """The members of these names, by what they read; raises `ValueError` for a name that no member has."""
    text = [TEXT_MEMBERS[name](len(labels)) for name in names if name in TEXT_MEMBERS]
    table = [TABLE_MEMBERS[name](len(labels)) for name in names if name in TABLE_MEMBERS]
    functions = [name for name in names if name.startswith(_FUNCTION)]
    foreign = [name for name in names if name.startswith(_MODEL)]
    vector = [LinearEmbedding(len(labels), embedding) for name in names if name in EMBEDDING_MEMBERS]
    if len(text) + len(table) + len(functions) + len(foreign) + len(vector) < len(names):
        unknown = set(names) - {*TEXT_MEMBERS, *TABLE_MEMBERS, *EMBEDDING_MEMBERS, *functions, *foreign}
        raise ValueError(f"committee: no member is called {', '.join(sorted(unknown))}")
    keys = embedding_names(embedding) if vector else ()
    others = (*(["text"] if text else []), *keys, *map(_key, foreign), FUNCTION_VOTES)
    found: list[Group[Any, Any]] = []
    if text:
        found.append(Group(WordReader(_most(_MOST_WORDS, labels)), text))
    if table:
        found.append(Group(ColumnReader(_most(_MOST_CATEGORIES, labels), others), table))
    if vector:
        found.append(Group(EmbeddingReader(keys), vector))
    if functions:
        found.append(FunctionPanel(functions, [name.removeprefix(_FUNCTION) for name in functions], labels))
    return (*found, *(_foreign(name, 1.0 / len(foreign), labels) for name in foreign))


def _most(most: int, labels: Sequence[Any]) -> int:
    return min(most, _MOST_CELLS // max(1, len(labels)))


def _key(member: str) -> str:
    return scores_by(member.removeprefix(_MODEL))


def _foreign(name: str, start: float, labels: Sequence[Any]) -> Group[Any, Any]:
    return Group(OutsideReader(_key(name)), [ForeignModel(name, start, list(labels))])
