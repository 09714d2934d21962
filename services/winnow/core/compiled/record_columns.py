"""Records to columns: what models over tables read of many records, as arrays."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from winnow.core.compiled.category_columns import CategoryColumn
from winnow.core.compiled.inputs import TEXT, Codes, Floats, Inputs
from winnow.core.compiled.number_columns import EmbeddingColumns, NumberColumns
from winnow_schemas.records import Record

_VALUES_AT_ONCE = 1 << 17
_MOST_RECORDS_AT_ONCE = 1024


class Columns(NamedTuple):
    """`numbers` has a row per number column (NaN: missing), `codes` one array per category column."""

    numbers: Floats
    codes: list[Codes]
    misfits: int


class ColumnReader:
    """Reads the columns of one task; `values` are the known values of each category column."""

    def __init__(self, inputs: Inputs, values: Mapping[str, Sequence[str]]) -> None:
        self._inputs = inputs
        self._numbers = NumberColumns(inputs.numbers, inputs.flags)
        self._embedding = EmbeddingColumns(inputs.embedding)
        self._categories = {name: CategoryColumn(values.get(name, ())) for name in inputs.category_columns}

    @property
    def records_at_once(self) -> int:
        """How many records to read at once, so that the memory used stays within some megabytes."""
        width = len(self._inputs.number_columns) + len(self._categories)
        return max(16, min(_MOST_RECORDS_AT_ONCE, _VALUES_AT_ONCE // max(1, width)))

    def read(self, records: Sequence[Record]) -> Columns:
        """The columns of some records."""
        features = [record.get("features") or {} for record in records]
        read = self._numbers.read(features)
        table, misfits = read.table, read.misfits
        if self._inputs.embedding:
            embedded = self._embedding.read([record.get("embedding") or () for record in records])
            table, misfits = np.concatenate([table, embedded.table]), misfits + embedded.misfits
        coded = [
            self._categories[name].read([given.get(name) for given in features]) for name in self._inputs.categories
        ]
        if self._inputs.text:
            coded.append(self._categories[TEXT].read([record.get("text") or "" for record in records]))
        return Columns(table, [one.codes for one in coded], misfits + sum(one.misfits for one in coded))
