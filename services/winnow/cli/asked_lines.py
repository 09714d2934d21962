"""Records of a file with what the task's labelling functions say of them, asked a portion at a time."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from winnow.replay import Line, TrueRecord
from winnow.runtime.labelling_functions import LabellingFunctions, votes_of
from winnow_schemas.base import FunctionVotes
from winnow_schemas.records import Record

_AT_ONCE = 500


def votes_about(functions: LabellingFunctions | None, records: Sequence[Record]) -> Iterator[FunctionVotes | None]:
    """Of each record, in order; None of all where there are no functions."""
    for start in range(0, len(records), _AT_ONCE):
        portion = records[start : start + _AT_ONCE]
        yield from [None] * len(portion) if functions is None else map(votes_of, functions.ask(portion))


class AskedLines:
    """Every record is asked about once, however often the file is read."""

    def __init__(self, functions: LabellingFunctions) -> None:
        self._functions = functions
        self._votes: dict[int, FunctionVotes] = {}
        self._alike: dict[tuple[tuple[str, str], ...], FunctionVotes] = {}

    def of(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The same lines; records bring what was said of them."""
        rest = iter(lines)
        while portion := list(islice(rest, _AT_ONCE)):
            self._ask([line for line in portion if isinstance(line, TrueRecord) and line.offset not in self._votes])
            for line in portion:
                if isinstance(line, TrueRecord):
                    yield line._replace(function_votes=self._votes[line.offset])
                else:
                    yield line

    def _ask(self, lines: Sequence[TrueRecord]) -> None:
        heard = self._functions.ask([line.record for line in lines]) if lines else []
        for line, each in zip(lines, heard, strict=True):
            votes = votes_of(each)
            self._votes[line.offset] = self._alike.setdefault(tuple(votes.items()), votes)
