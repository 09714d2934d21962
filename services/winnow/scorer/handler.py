"""Records in; labels, review requests, dead letters and counts out, of one batch in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from winnow.core.batch_decision import BatchCoins, decide_batch
from winnow.core.batch_scores import BatchScores, FunctionsHeard, ScoredBatch
from winnow.core.sampling import BatchBudget, TaskBudget
from winnow.runtime.dead_letters import dead_letter
from winnow.runtime.messages import Assignment, Batch, Commit, Incoming, Outgoing, Partition
from winnow.scorer.batch_scorer import score_contents
from winnow.scorer.decided_batch import DecidedBatch, ReadBatch
from winnow.scorer.figures import Figures
from winnow.scorer.functions import AskFunctions, no_functions
from winnow.scorer.knowledge import Knowledge
from winnow.scorer.outcomes import Outcomes
from winnow.scorer.reading import Reading, plain_columns
from winnow.scorer.settings import ScorerSettings
from winnow.scorer.tally import DecidedBy, Tally
from winnow_schemas.base import NO_MODEL
from winnow_schemas.codec import encode

NO_BUDGET = "-"
"""Note of a scorer whose task has none."""


class ScorerHandler:
    """Decides each record by the champion and the policy that were known when its batch began."""

    def __init__(
        self,
        settings: ScorerSettings,
        knowledge: Knowledge,
        figures: Figures,
        caught_up: Callable[[], None],
        functions: AskFunctions = no_functions,
    ) -> None:
        self._settings = settings
        self._knowledge = knowledge
        self._figures = figures
        self._caught_up = caught_up
        self._functions = functions
        self._tally = Tally(settings.stream, settings.heartbeat_s)
        self._budget = BatchBudget(TaskBudget(settings.task)) if settings.task.budget else None
        self._outcomes = Outcomes(settings)
        only_scored = self._budget is None and functions is no_functions
        self._reading = Reading(settings.task, plain_columns(settings.task) if only_scored else None)

    def assigned(self, assignment: Assignment) -> None:
        """Reads models and policies to their ends before anything is decided about these partitions."""
        self._knowledge.catch_up()
        starts = {partition.number: commit for partition, commit in assignment.start.items()}
        if self._budget is not None:
            self._budget.start({number: _note(commit) for number, commit in starts.items()})
        resumed = self._budget.notes() if self._budget else {}
        self._tally.start({number: commit.offset for number, commit in starts.items()}, resumed)
        self._caught_up()

    def handle(self, batch: Sequence[Incoming], now: float) -> list[Outgoing]:
        """One message per record and counts per partition; counts too when there is nothing else."""
        self._figures.began()
        self._follow(now)
        read, outgoing = self._read(Batch.of(batch), now)
        if len(read):
            outgoing += self._outcomes.of(self._decided(read, now))
        outgoing += self._evidence(now)
        return outgoing + self._figures.due(now)

    def commits(self, positions: Mapping[Partition, int]) -> dict[Partition, Commit]:
        """Everything handled is finished. What the budget remembers of a partition is kept with its offset."""
        notes = self._budget.notes() if self._budget else {}
        return {
            partition: Commit(offset, notes.get(partition.number, NO_BUDGET)) for partition, offset in positions.items()
        }

    def committed(self) -> None:
        """The batch counts."""
        self._figures.committed()

    def aborted(self) -> None:
        """Nothing to undo but figures: an assignment follows and starts the counts anew."""
        self._figures.aborted()

    def _follow(self, now: float) -> None:
        self._figures.adopted(self._knowledge.follow(now))
        self._figures.in_use(*self._knowledge.versions, stale=not self._knowledge.is_in_force(now))

    def _read(self, batch: Batch, now: float) -> tuple[ReadBatch, list[Outgoing]]:
        read, broken = self._reading.read(batch, self._knowledge.scorer)
        for place in broken:
            self._tally.died(batch.partitions[place], batch.offsets[place])
            self._figures.died()
        dead = [
            dead_letter(batch[place], error.code, str(error), "scorer", self._settings.topics, now)
            for place, error in broken.items()
        ]
        return read, dead

    def _scored(self, read: ReadBatch, heard: FunctionsHeard) -> ScoredBatch:
        scorer = self._knowledge.scorer
        if scorer is None:
            return ScoredBatch(NO_MODEL, BatchScores.nothing(len(read)))
        before = scorer.misfits
        scores = score_contents(scorer, read.contents, heard)
        self._figures.misfits(scorer.misfits - before)
        return ScoredBatch(scorer.version, scores)

    def _decided(self, read: ReadBatch, now: float) -> DecidedBatch:
        settings = self._settings
        coins = BatchCoins(settings.salt, settings.stream, read.at)
        policy, heard = self._knowledge.policy_for_champion, self._functions(read.records)
        decision = decide_batch(self._scored(read, heard), coins, policy, settings.task.confidence, now)
        if self._budget is not None:
            terms = self._budget.budget.terms(policy)
            decision = self._budget.kept(decision, coins, read.at, read.records, terms)
        self._tally.decided_batch(read.at, decision)
        self._figures.decided(decision)
        return DecidedBatch(read, decision, coins, datetime.fromtimestamp(now, UTC), heard)

    def _evidence(self, now: float) -> list[Outgoing]:
        versions, scorer = self._knowledge.versions, self._knowledge.scorer
        topic = self._settings.topics["evidence"]
        by = DecidedBy(versions.policy, versions.model, self._knowledge.model_since)
        said = self._tally.say(by, now, scorer.pooling if scorer else None)
        return [Outgoing(topic, encode(counts)) for counts in said]


def _note(start: Commit) -> str | None:
    """None where nothing was spent yet: at the beginning of a partition, or where there was no budget so far."""
    nothing_spent = start.metadata == NO_BUDGET or (not start.metadata and start.offset == 0)
    return None if nothing_spent else start.metadata
