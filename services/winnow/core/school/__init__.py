"""Champion and challengers: they learn the same verdicts, and the better one decides."""

from winnow.core.school.beginning import compared, fresh_classroom, fresh_search
from winnow.core.school.classroom import Changed, Classroom, Deployed
from winnow.core.school.kept_versions import KeptVersion, KeptVersions
from winnow.core.school.reign import Reign
from winnow.core.school.search import Halving, Search
from winnow.core.school.student import Student
from winnow.core.school.trial_set import TrialSet

__all__ = [
    "Changed",
    "Classroom",
    "Deployed",
    "Halving",
    "KeptVersion",
    "KeptVersions",
    "Reign",
    "Search",
    "Student",
    "TrialSet",
    "compared",
    "fresh_classroom",
    "fresh_search",
]
