"""Whether the answers to a request are enough, and for which label: the task's rule, with what is known of people.

Where the task asks for one answer and it comes from somebody who is wrong too often, another one is wanted beside it.
"""

from dataclasses import dataclass
from typing import Protocol

from winnow.core.consensus import Answers, Conclusion, by_dawid_skene, by_majority
from winnow.core.consensus.confusions import Confusions
from winnow.review.rules import ReviewRules


class KnownPeople(Protocol):
    """What is known of those who answer."""

    @property
    def confusions(self) -> Confusions: ...

    def needs_second(self, reviewer: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Judge:
    """Concludes, or asks for one more answer."""

    rules: ReviewRules
    people: KnownPeople

    def conclude(self, answers: Answers) -> Conclusion | None:
        """The label that the answers come to; None while more are wanted."""
        asked = self.rules.answer_rule.answers
        asked += any(self.people.needs_second(reviewer) for reviewer, _ in answers)
        if len(answers) < asked:
            return None
        if self.rules.consensus == "majority":
            return by_majority(answers)
        return by_dawid_skene(answers, asked, self.people.confusions)
