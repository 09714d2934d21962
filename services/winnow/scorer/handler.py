"""Records in; labels, review requests, dead letters and counts out, of one batch in one transaction."""

from collections.abc import Callable, Mapping, Sequence

from winnow.core.batch_scores import unscored
from winnow.core.decision import Case, Scored, decide, tossed
from winnow.runtime.dead_letters import dead_letter
from winnow.runtime.messages import Assignment, Commit, Incoming, Outgoing, Partition
from winnow.scorer.figures import Figures
from winnow.scorer.knowledge import Knowledge
from winnow.scorer.outcomes import outcome
from winnow.scorer.settings import ScorerSettings
from winnow.scorer.tally import Tally
from winnow_schemas.codec import InvalidMessage, decode_record, encode
from winnow_schemas.decisions import Decision
from winnow_schemas.records import Record


class ScorerHandler:
    """Decides each record by the champion and the policy that were known when its batch began."""

    def __init__(
        self, settings: ScorerSettings, knowledge: Knowledge, figures: Figures, caught_up: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._knowledge = knowledge
        self._figures = figures
        self._caught_up = caught_up
        self._tally = Tally(settings.stream, settings.heartbeat_s)

    def assigned(self, assignment: Assignment) -> None:
        """Reads models and policies to their ends before anything is decided about these partitions."""
        self._knowledge.catch_up()
        self._tally.start({partition.number: commit.offset for partition, commit in assignment.start.items()})
        self._caught_up()

    def handle(self, batch: Sequence[Incoming], now: float) -> list[Outgoing]:
        """One message per record and counts per partition; counts too when there is nothing else."""
        self._figures.began()
        self._follow(now)
        read, outgoing = self._read(batch, now)
        for (message, record), scored in zip(read, self._scored([record for _, record in read]), strict=True):
            decision = self._decide(message, scored, now)
            self._tally.decided(message.partition, message.offset, decision)
            self._figures.decided(decision)
            outgoing.append(outcome(self._settings, message, record, decision))
        outgoing += self._evidence(now)
        return outgoing + self._figures.due(now)

    def commits(self, positions: Mapping[Partition, int]) -> dict[Partition, Commit]:
        """Everything handled is finished."""
        return {partition: Commit(offset) for partition, offset in positions.items()}

    def committed(self) -> None:
        """The batch counts."""
        self._figures.committed()

    def aborted(self) -> None:
        """Nothing to undo but figures: an assignment follows and starts the counts anew."""
        self._figures.aborted()

    def _follow(self, now: float) -> None:
        self._figures.adopted(self._knowledge.follow(now))
        self._figures.in_use(*self._knowledge.versions, stale=not self._knowledge.is_in_force(now))

    def _read(self, batch: Sequence[Incoming], now: float) -> tuple[list[tuple[Incoming, Record]], list[Outgoing]]:
        read: list[tuple[Incoming, Record]] = []
        dead: list[Outgoing] = []
        for message in batch:
            try:
                read.append((message, _with_id(message)))
            except InvalidMessage as error:
                dead.append(dead_letter(message, error.code, str(error), "scorer", self._settings.topics, now))
                self._tally.died(message.partition, message.offset)
                self._figures.died()
        return read, dead

    def _scored(self, records: Sequence[Record]) -> list[Scored]:
        scorer = self._knowledge.scorer
        if scorer is None:
            return unscored(len(records))
        before = scorer.misfits
        scores = scorer.score_batch(records)
        self._figures.misfits(scorer.misfits - before)
        return scores.scored(scorer.version)

    def _decide(self, message: Incoming, scored: Scored, now: float) -> Decision:
        settings, policy = self._settings, self._knowledge.policy
        case = Case(
            decision_id=f"{settings.stream}/{message.partition}/{message.offset}",
            scored=scored,
            coins=tossed(settings.salt, settings.stream, message.partition, message.offset, policy),
        )
        return decide(case, policy, settings.task.confidence, now)

    def _evidence(self, now: float) -> list[Outgoing]:
        versions, scorer = self._knowledge.versions, self._knowledge.scorer
        topic = self._settings.topics["evidence"]
        said = self._tally.say(versions.policy, versions.model, now, scorer.pooling if scorer else None)
        return [Outgoing(topic, encode(counts)) for counts in said]


def _with_id(message: Incoming) -> Record:
    """The record; without an id its position is the id."""
    record = decode_record(message.value)  # type: ignore[arg-type]  # a missing value is refused there
    if "id" not in record:
        record["id"] = f"{message.topic}/{message.partition}/{message.offset}"
    return record
