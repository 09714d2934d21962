"""Decisions kept within a budget, record by record, since each depends on what those before it have cost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan, nan
from typing import NamedTuple

import numpy as np

from winnow.core.batch_decision import BatchCoins, BatchDecision, Positions
from winnow.core.decision import Case, Row, decide, placed, within_budget
from winnow.core.sampling.partition_budget import PartitionBudget
from winnow.core.sampling.spending import Terms
from winnow.core.sampling.task_budget import TaskBudget
from winnow_schemas.decisions import Decision
from winnow_schemas.policies import Policy
from winnow_schemas.records import Record

_ROWS = tuple(Row)


class BatchBudget:
    """What is remembered of the partitions of one scorer."""

    def __init__(self, budget: TaskBudget) -> None:
        self.budget = budget
        self.partitions: dict[int, PartitionBudget] = {}

    def start(self, notes: Mapping[int, str | None]) -> None:
        """Forget everything: these partitions are ours from now on, with a note each; None: nothing came before."""
        self.partitions = {
            number: PartitionBudget(self.budget) if note is None else PartitionBudget.of_note(self.budget, note)
            for number, note in notes.items()
        }

    def notes(self) -> dict[int, str]:
        """What is remembered now of each partition."""
        return {number: partition.note() for number, partition in self.partitions.items()}

    def kept(
        self, decision: BatchDecision, coins: BatchCoins, at: Positions, records: Sequence[Record], terms: Terms
    ) -> BatchDecision:
        """The decisions of a batch as the budget lets them stand; within a partition in order."""
        of_scores = self.budget.teaching.of_scores(decision.scores, decision.confidences).tolist()
        tosses, rows = coins.tossed("budget").tolist(), decision.rows.tolist()
        worths, chances = [nan] * len(records), [1.0] * len(records)
        open_share = decision.gates[-1].open_share
        for number, places in at.by_partition:
            partition = self.partitions[number]
            for place in range(len(records)) if isinstance(places, slice) else places.tolist():
                row, taught = _ROWS[rows[place]], of_scores[place]
                turn = partition.turn(terms, row, open_share, None if isnan(taught) else taught, records[place])
                settled = within_budget(row, turn.chance, tosses[place], open_share)
                partition.passed(turn, settled)
                rows[place], chances[place] = int(settled), turn.chance
                worths[place] = nan if turn.worth is None else turn.worth
        settled_rows = np.array(rows, dtype=np.int64)
        return decision._replace(rows=settled_rows, chances=np.array(chances), worths=np.array(worths))


class Kept(NamedTuple):
    """A decision within the budget, and what an answer would teach; None: there is no telling."""

    decision: Decision
    worth: float | None


def decide_within(partition: PartitionBudget, case: Case, record: Record, policy: Policy | None, now: float) -> Kept:
    """`decide` for the partition's next record, where the task has a budget."""
    at, scored, budget = placed(case, policy, now), case.scored, partition.budget
    taught = budget.teaching.of_one(scored.scores, scored.votes)
    turn = partition.turn(budget.terms(policy), at.row, at.gate.open_share, taught, record)
    partition.passed(turn, within_budget(at.row, turn.chance, case.coins.budget, at.gate.open_share))
    return Kept(decide(replace(case, chance=turn.chance), policy, budget.confidence, now), turn.worth)
