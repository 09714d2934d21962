"""Whether every decision comes out again, in whichever messages it is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from winnow.core.decision import policy_for
from winnow.core.sampling import PartitionBudget
from winnow.replay.topics.asked import nothing
from winnow.replay.topics.budget_chain import BudgetChain
from winnow.replay.topics.comparison import Deviation, compare
from winnow.replay.topics.findings import Difference, Findings
from winnow.replay.topics.gathered import Gathered, Place
from winnow.replay.topics.models import FoundModel, Models
from winnow.replay.topics.policy_book import PolicyBook
from winnow.replay.topics.recorded import Position, Recorded, recorded
from winnow.replay.topics.reigns import Reigns
from winnow.replay.topics.remake import Circumstances, Remaker
from winnow_schemas.base import NO_MODEL, NO_POLICY
from winnow_schemas.codec import InvalidMessage, decode_record
from winnow_schemas.policies import Policy
from winnow_schemas.records import Record
from winnow_schemas.topics import TopicName

RECORD_GONE = "its record is not kept any more"
MODEL_GONE = "its model is neither on models nor do verdicts make it"
POLICY_GONE = "its policy is not on policies"
RENEWAL_GONE = "nothing tells any more whether its policy was valid"
BUDGET_GONE = "nothing tells what its partition had asked before it"
VERDICT_ERASED = "a verdict that its model had learned was erased"
"""Why a decision cannot be made again."""


class NotRecomputable(Exception):
    """What is missing for it."""


class NeverSo(Exception):
    """It cannot have been decided like that."""

    def __init__(self, deviation: Deviation) -> None:
        super().__init__(deviation.field)
        self.deviation = deviation


class Telling(NamedTuple):
    """What one message says, and the topic it stands on."""

    topic: TopicName
    said: Recorded


@dataclass(frozen=True, slots=True)
class Grounds:
    """What decisions were made from. `records` is the full name of the topic, `stream` its incarnation; there is a
    `chain` when the task has a budget.
    """

    records: str
    stream: str
    gathered: Gathered
    book: PolicyBook
    models: Models
    verdicts_were_erased: bool
    chain: BudgetChain | None
    reigns: Reigns


class DecisionCheck:
    """All decisions that were laid down, model by model, so that one model is held at a time."""

    def __init__(self, grounds: Grounds, remaker: Remaker, findings: Findings) -> None:
        self._grounds = grounds
        self._remaker = remaker
        self._findings = findings

    def run(self) -> Iterator[Place]:
        """Gives each place when its decision is checked."""
        for version in self._grounds.gathered.models():
            ways = self._grounds.models.at(version) if version != NO_MODEL else [FoundModel("none", nothing)]
            for place in self._grounds.gathered.decided_by(version):
                self._check(place, ways)
                yield place

    def _check(self, place: Place, ways: Sequence[FoundModel]) -> None:
        tellings = [
            Telling(topic, said)
            for topic, value in self._grounds.gathered.tellings(place)
            if (said := recorded(topic, value)) is not None
        ]
        self._findings.repetitions += len(tellings) - 1
        try:
            difference, exact = self._compared(place, tellings, ways)
        except NotRecomputable as missing:
            self._findings.not_recomputable[str(missing)] += 1
            self._passed(place, None)
            return
        if ways:
            self._findings.ways[ways[0].way] += 1
        if difference is None:
            self._findings.decisions.is_equal(exact=exact)
        else:
            self._findings.decisions.differs(difference)

    def _compared(
        self, place: Place, tellings: Sequence[Telling], ways: Sequence[FoundModel]
    ) -> tuple[Difference | None, bool]:
        """The first difference, if there is one, and whether all is the same to the last bit."""
        try:
            given = self._circumstances(place, tellings)
        except NeverSo as error:
            self._passed(place, None)
            return Difference(tellings[0].said.decision_id, tellings[0].topic, (error.deviation,)), False
        if not ways:
            raise NotRecomputable(MODEL_GONE)
        difference, exact = None, True
        for found in ways:
            given = replace(given, budget=self._remembered(place))
            difference, is_exact = self._against(given, tellings, found)
            exact &= is_exact
            if difference is not None:
                break
        self._passed(place, given.budget)
        return difference, exact and difference is None

    def _remembered(self, place: Place) -> PartitionBudget | None:
        """What the scorer remembered of the budget, where there is one."""
        chain = self._grounds.chain
        if chain is None:
            return None
        if (remembered := chain.at(place)) is None:
            raise NotRecomputable(BUDGET_GONE)
        return remembered

    def _passed(self, place: Place, remembered: PartitionBudget | None) -> None:
        if self._grounds.chain:
            self._grounds.chain.passed(place, remembered)

    def _against(
        self, given: Circumstances, tellings: Sequence[Telling], found: FoundModel
    ) -> tuple[Difference | None, bool]:
        remade = self._remaker.remake(given, found.says)
        exact = True
        for topic, said in tellings:
            comparison = compare({"outcome": said.outcome, **said.told}, remade)
            deviations = (*comparison.deviations, *_other_record(said, given.record))
            if deviations:
                self._refuse_after_erasure(found, deviations)
                where = topic if found.way == "none" else f"{topic}, model from {found.way}"
                return Difference(said.decision_id, where, deviations), False
            exact &= comparison.exact
        return None, exact

    def _refuse_after_erasure(self, found: FoundModel, deviations: Sequence[Deviation]) -> None:
        by_the_model = any(deviation.field == "scores" for deviation in deviations)
        if found.way == "verdicts" and by_the_model and self._grounds.verdicts_were_erased:
            raise NotRecomputable(VERDICT_ERASED)

    def _circumstances(self, place: Place, tellings: Sequence[Telling]) -> Circumstances:
        """Raises `NotRecomputable` and `NeverSo`."""
        said = tellings[0].said
        outcomes = [telling.said.outcome for telling in tellings if telling.said.is_first]
        if len(outcomes) > 1:
            raise NeverSo(Deviation("outcome", " and ".join(outcomes), "one of them"))
        return Circumstances(
            decision_id=said.decision_id,
            position=Position(self._grounds.stream, *place),
            record=self._record(place, tellings),
            policy=policy_for(self._policy(said), self._grounds.reigns.since(said.told["model_version"])),
            model_version=said.told["model_version"],
            decided_at=said.told["decided_at"],
            function_votes=said.told["function_votes"],
        )

    def _record(self, place: Place, tellings: Sequence[Telling]) -> Record:
        """As it stands on `records`, else as a request or verdict carries it."""
        stands = self._grounds.gathered.record_at(place)
        if not stands.is_there:
            carried = [telling.said.record for telling in tellings if telling.said.record is not None]
            if not carried:
                raise NotRecomputable(RECORD_GONE)
            return carried[0]
        try:
            record = decode_record(stands.value)  # type: ignore[arg-type]  # a missing value is refused there
        except InvalidMessage as error:
            broken = Deviation("outcome", tellings[0].said.outcome, f"dead letter: {error.code}")
            raise NeverSo(broken) from None
        record.setdefault("id", f"{self._grounds.records}/{place.partition}/{place.offset}")
        return record

    def _policy(self, said: Recorded) -> Policy | None:
        version = said.told["policy_version"]
        if version == NO_POLICY:
            return None
        now, was_stale = said.told["decided_at"].timestamp(), said.told.get("reason") == "stale"
        book = self._grounds.book
        policy = book.in_force(version, now, was_stale=was_stale)
        if policy is None and book.is_complete:
            raise NeverSo(Deviation("policy_version", version, "no such version was ever issued"))
        if policy is None:
            raise NotRecomputable(POLICY_GONE)
        may_have_been_renewed = book.has_gaps and not book.is_complete and not was_stale
        if may_have_been_renewed and policy.valid_until.timestamp() < now:
            raise NotRecomputable(RENEWAL_GONE)
        return policy


def _other_record(said: Recorded, record: Record) -> tuple[Deviation, ...]:
    """Bodies are not shown."""
    if said.record is None or said.record == record:
        return ()
    return (Deviation("record", "as the message carries it", "as it stands on records"),)
