"""From several people's answers to one label, and from their answers to how far each of them can be relied on."""

from winnow.core.consensus.accuracy import Accuracy, accuracy_of
from winnow.core.consensus.conclusions import Answers, Conclusion, by_dawid_skene, by_majority
from winnow.core.consensus.confusions import Confusions
from winnow.core.consensus.reliability import Judged, Reliability, Standing

__all__ = [
    "Accuracy",
    "Answers",
    "Conclusion",
    "Confusions",
    "Judged",
    "Reliability",
    "Standing",
    "accuracy_of",
    "by_dawid_skene",
    "by_majority",
]
