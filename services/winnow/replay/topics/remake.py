"""Makes one decision again: the same pure functions as the scorer's, on what the decision names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from winnow.core.decision import Case, Scored, decide, tossed
from winnow.core.priority import Worth, showing, silent_first
from winnow.core.risk.coin import coin
from winnow.core.sampling import Kept, PartitionBudget, Teaching, decide_within
from winnow.replay.topics.asked import Says
from winnow.replay.topics.recorded import SHOWN_SCORES, TOLD_BY_DECISIONS, Position
from winnow_schemas.base import FunctionVotes
from winnow_schemas.policies import Policy
from winnow_schemas.records import Record
from winnow_schemas.task import Task


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision was made from, but for the model itself. `budget` goes on to the next record when it is made;
    what functions said is taken as it was recorded.
    """

    decision_id: str
    position: Position
    record: Record
    policy: Policy | None
    model_version: int
    decided_at: datetime
    budget: PartitionBudget | None = None
    function_votes: FunctionVotes | None = None


class Remaker:
    """For one task and its salt."""

    def __init__(self, task: Task, salt: str) -> None:
        self._task = task
        self._salt = salt
        self._teaching = Teaching(task)

    def remake(self, given: Circumstances, says: Says) -> Mapping[str, Any]:
        """What any message may tell of the decision, by field."""
        said = says(given.record, given.function_votes)
        case = Case(
            decision_id=given.decision_id,
            scored=Scored(given.model_version, said.scores, said.votes, given.function_votes),
            coins=tossed(self._salt, *given.position),
        )
        kept = self._kept(case, given)
        decision = kept.decision
        told = {name: getattr(decision, name) for name in TOLD_BY_DECISIONS}
        about = {"record_id": given.record.get("id"), "group": given.record.get("group"), "outcome": decision.outcome}
        return {**about, **told, **self._shown(kept, given.position)}

    def _kept(self, case: Case, given: Circumstances) -> Kept:
        now = given.decided_at.timestamp()
        if given.budget is not None:
            return decide_within(given.budget, case, given.record, given.policy, now)
        taught = self._teaching.of_one(case.scored.scores, case.scored.votes)
        return Kept(decide(case, given.policy, self._task.confidence, now), taught)

    def _shown(self, kept: Kept, position: Position) -> Mapping[str, Any]:
        """How its request is put before people."""
        decision, toss = kept.decision, coin(self._salt, *position, "blind")
        worth = Worth(kept.worth, self._teaching.by_chance)
        shown = showing(decision, toss, worth, self._task.risk.audit_rate)
        shown = silent_first(shown, decision.function_votes)
        return {
            "blind": shown.blind,
            "priority": shown.priority,
            "suggestion": None if shown.blind else decision.label,
            SHOWN_SCORES: None if shown.blind else decision.scores,
        }
