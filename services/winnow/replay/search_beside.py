"""The task's search over settings during a replay: what a learner would have found from the same answers.

The replay decides with the champion that the task names; another model may be replayed by its name (`--model`).
"""

from datetime import UTC, datetime
from typing import Any

from winnow.core.models import ModelInput
from winnow.core.school import Classroom, Halving, fresh_classroom
from winnow.runtime.errors import UsageError
from winnow_schemas.base import Reason
from winnow_schemas.decisions import Decision
from winnow_schemas.task import Task
from winnow_schemas.verdicts import Verdict

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


class SearchBeside:
    """A learner's classroom that is taught what the replay's machine learns, and decides nothing."""

    def __init__(self, task: Task) -> None:
        try:
            self._room = fresh_classroom(task)
        except ValueError as error:
            raise UsageError(f"task {task.task}: {error}") from error
        self._halvings: list[Halving] = []
        self._over_after = 0

    def learn(self, values: ModelInput, label: str, reason: Reason, decision: Decision | None) -> None:
        """One answer; `decision` is None where none was made."""
        room = self._room
        is_on = bool(room.search.racing)
        room.teach(room.offset, _verdict(room.offset, label, reason, decision), values)
        self._halvings += room.take_halvings()
        if is_on and not room.search.racing:
            self._over_after = room.offset

    def as_values(self) -> dict[str, Any]:
        """`survivor` after so many answers, None while the search goes on; who left when; who would decide at last."""
        search = self._room.search
        return {
            "candidates": list(search.candidates),
            "survivor": search.survivor,
            "after": self._over_after if search.survivor else None,
            "rounds": [one._asdict() for one in self._halvings],
            "gain": _gain(self._room),
            "decides": self._room.champion.name,
            "promoted": [[change.version, change.name] for change in self._room.changes if change.change == "promoted"],
        }


def _gain(room: Classroom) -> str | None:
    """The survivor against the champion, while it is no champion itself."""
    survivor = room.search.survivor
    return str(room.reign.comparisons[survivor].gain) if survivor in room.reign.comparisons else None


def _verdict(number: int, label: str, reason: Reason, decision: Decision | None) -> Verdict:
    """What models ask of one: the record's values come beside it."""
    return Verdict(
        request_id=f"replay/0/{number}",
        revision=1,
        record={},
        label=label,
        reason=reason,
        propensity=decision.propensity if decision else 1.0,
        decision=decision,
        answers={"file": label},
        agreement=1.0,
        answered_at=_ANY_TIME,
        at=_ANY_TIME,
    )
