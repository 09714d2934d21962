"""Where a model's own state goes, about every minute: what a learner resumes from after a restart."""

from winnow.learner.issue import Draft
from winnow.learner.publication import Publication
from winnow.learner.settings import LearnerSettings
from winnow.learner.student import Student
from winnow.runtime.model_state import Pickled
from winnow_schemas.models import ModelManifest


class StateOutlet:
    """One student's. `standing` is what stands in its slot."""

    def __init__(self, settings: LearnerSettings, student: Student, standing: ModelManifest | None) -> None:
        self.student = student
        self._task = settings.task
        self._publication = Publication(settings.state_pace)
        self._standing = standing

    def learned(self, now: float) -> None:
        """It learned a verdict."""
        self._publication.learned(now)

    @property
    def is_newer(self) -> bool:
        """Whether a restart would have to learn something again."""
        behind = self._standing is None or self.student.next_offset > self._standing.version
        return behind and self.student.learned > 0

    def is_due(self, now: float) -> bool:
        """Whether to publish now."""
        return self.is_newer and self._publication.is_due(now)

    def draft(self, now: float) -> Draft:
        """What to publish now."""
        self._publication.drafted(now)
        model = Pickled.of(self.student.model)
        return Draft([self.student.state(self.student.slot, self._task.task, now, model, [])], self._standing)

    def committed(self, draft: Draft) -> None:
        """It stands."""
        (self._standing,) = draft.sealed
        self._publication.published(draft.took_s)

    def aborted(self) -> None:
        """It does not: it is due again."""
        self._publication.aborted()
