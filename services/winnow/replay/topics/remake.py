"""Makes one decision again: the same pure functions as the scorer's, on what the decision names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from winnow.core.decision import Case, Scored, decide, tossed
from winnow.core.priority import showing, silent_first
from winnow.core.risk.coin import coin
from winnow.replay.topics.asked import Says
from winnow.replay.topics.recorded import SHOWN_SCORES, TOLD_BY_DECISIONS, Position
from winnow_schemas.base import FunctionVotes
from winnow_schemas.decisions import Decision
from winnow_schemas.policies import Policy
from winnow_schemas.records import Record
from winnow_schemas.task import Task


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision was made from, but for the model itself. What functions said is taken as it was recorded."""

    decision_id: str
    position: Position
    record: Record
    policy: Policy | None
    model_version: int
    decided_at: datetime
    function_votes: FunctionVotes | None = None


class Remaker:
    """For one task and its salt."""

    def __init__(self, task: Task, salt: str) -> None:
        self._task = task
        self._salt = salt

    def remake(self, given: Circumstances, says: Says) -> Mapping[str, Any]:
        """What any message may tell of the decision, by field."""
        said = says(given.record, given.function_votes)
        case = Case(
            decision_id=given.decision_id,
            scored=Scored(given.model_version, said.scores, said.votes, given.function_votes),
            coins=tossed(self._salt, *given.position, given.policy),
        )
        decision = decide(case, given.policy, self._task.confidence, given.decided_at.timestamp())
        outcome = "auto" if decision.look == "none" else "review"
        told = {name: getattr(decision, name) for name in TOLD_BY_DECISIONS}
        about = {"record_id": given.record.get("id"), "group": given.record.get("group"), "outcome": outcome}
        return {**about, **told, **self._shown(decision, given.position)}

    def _shown(self, decision: Decision, position: Position) -> Mapping[str, Any]:
        """How its request is put before people."""
        toss = coin(self._salt, *position, "blind")
        shown = showing(decision, toss, self._task.sampling, self._task.risk.audit_rate)
        shown = silent_first(shown, decision.function_votes)
        return {
            "blind": shown.blind,
            "priority": shown.priority,
            "suggestion": None if shown.blind else decision.label,
            SHOWN_SCORES: None if shown.blind else decision.scores,
        }
