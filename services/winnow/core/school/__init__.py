"""Champion and challengers: they learn the same verdicts, and the better one decides."""

from winnow.core.school.classroom import Changed, Classroom, Deployed
from winnow.core.school.kept_versions import KeptVersion, KeptVersions
from winnow.core.school.reign import Reign
from winnow.core.school.student import Student
from winnow.core.school.trial_set import TrialSet

__all__ = ["Changed", "Classroom", "Deployed", "KeptVersion", "KeptVersions", "Reign", "Student", "TrialSet"]
