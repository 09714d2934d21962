"""What scorers remembered of a partition's budget, record by record, so that its decisions can be made again.

Each decision under a budget depends on those before it in its partition. So they are gone through in order, from
where nothing was spent yet, or from where counts say what a scorer went on with. After a record whose decision
cannot be made again nothing is known until the next such place.
"""

from collections import defaultdict

from winnow.core.sampling import PartitionBudget, TaskBudget
from winnow.replay.topics.gathered import Gathered, Place
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.evidence import Counts
from winnow_schemas.task import Task

_SAYS_SO = b'"resumed"'
_FRESH = -1


class BudgetChain:
    """For one task with a budget and one incarnation (`stream`) of `records`."""

    def __init__(self, task: Task, stream: str, gathered: Gathered) -> None:
        self._budget = TaskBudget(task)
        self._stream = stream
        self._gathered = gathered
        self._after: dict[int, int] = defaultdict(lambda: _FRESH)
        self._known: dict[int, PartitionBudget | None] = {}
        self._resumed: dict[int, dict[int, str]] = defaultdict(dict)

    def hear(self, evidence: Incoming) -> None:
        """One message: counts tell of it."""
        if evidence.value is None or _SAYS_SO not in evidence.value:
            return
        try:
            counts = decode(Counts, evidence.value)
        except InvalidMessage:
            return
        if counts.stream == self._stream and counts.resumed is not None:
            self._resumed[counts.partition][counts.first] = counts.resumed

    def at(self, place: Place) -> PartitionBudget | None:
        """What was remembered when this record was decided; None when nothing tells. A copy: it may be tried on."""
        before, known = self._after[place.partition], self._known.get(place.partition, PartitionBudget(self._budget))
        if place.offset <= before or self._gathered.is_gap(place, before):
            known = None
        told = [first for first in self._resumed[place.partition] if before < first <= place.offset]
        if told:
            known = self._resumed_with(known, self._resumed[place.partition][max(told)])
        return PartitionBudget.of_note(self._budget, known.note()) if known else None

    def _resumed_with(self, known: PartitionBudget | None, note: str) -> PartitionBudget:
        """A scorer that lost its note tells so; any other went on with what is known here too, if it is."""
        unknown = PartitionBudget.unknown(self._budget)
        if known is not None and note != unknown.note():
            return known
        return PartitionBudget.of_note(self._budget, note)

    def passed(self, place: Place, partition: PartitionBudget | None) -> None:
        """What is remembered after this record; None when its decision could not be made again."""
        self._after[place.partition] = max(place.offset, self._after[place.partition])
        self._known[place.partition] = partition
