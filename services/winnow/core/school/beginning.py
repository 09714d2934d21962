"""The classroom of a task before its first verdict."""

from collections.abc import Sequence

from winnow.core.models import build
from winnow.core.school.classroom import Classroom
from winnow.core.school.kept_versions import KeptVersions
from winnow.core.school.reign import Reign
from winnow.core.school.search import Search
from winnow.core.school.student import Student
from winnow.core.school.trial_set import TrialSet
from winnow_schemas.task import Task


def fresh_search(task: Task) -> Search:
    """With all candidates that the task asks for."""
    return Search(task.model.candidates, task.model.lessons)


def compared(task: Task, search: Search) -> Sequence[str]:
    """The models of which one decides: those that the task names, and who survived its search."""
    survivor = (search.survivor,) if search.survivor else ()
    return tuple(dict.fromkeys((task.champion, *task.model.challengers, *survivor)))


def fresh_classroom(task: Task) -> Classroom:
    """Models that have learned nothing; raises `ValueError` when one cannot be made."""
    search = fresh_search(task)
    names = compared(task, search)
    students = [Student(name, build(task, name)) for name in (*names, *search.racing)]
    return Classroom(students, Reign(task.champion, task.champion, names), KeptVersions(), TrialSet(), search)
