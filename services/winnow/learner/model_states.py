"""What is said of a student's model when it is published."""

from collections.abc import Sequence
from datetime import UTC, datetime

from winnow.core.school import Deployed, Student
from winnow.runtime.model_state import ModelState, Packed


def state_of(student: Student, slot: str, task: str, now: float, model: Packed) -> ModelState:
    """Its own state; the version is the number of verdict offsets that are behind it."""
    return ModelState(
        slot=slot,
        name=student.name,
        task=task,
        version=student.next_offset,
        verdict_offset=student.next_offset,
        learned=student.learned,
        at=datetime.fromtimestamp(now, UTC),
        model=model,
        figures=student.prequential.figures(),
    )


def deployed_state(  # noqa: PLR0913, PLR0917 - what a manifest says
    deployed: Deployed, champion: Student, slot: str, task: str, now: float, model: Packed, fresh: Sequence[datetime]
) -> ModelState:
    """What decides; the figures are those of the champion, `fresh` the answers that go along."""
    return ModelState(
        slot=slot,
        name=deployed.name,
        task=task,
        version=deployed.version,
        verdict_offset=deployed.version,
        learned=deployed.learned,
        at=datetime.fromtimestamp(now, UTC),
        model=model,
        since=deployed.since or None,
        fresh=fresh,
        figures=champion.prequential.figures(),
    )
