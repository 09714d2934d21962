"""Everything the topics say about one decision, and what that comes to.

Pure. The first outcome is the scorer's, and there must be exactly one. What review wrote afterwards
must fit together: a closing and its product (human label, unlabelled record) are one transaction, and
so are a recall and what it leads to (a request that puts the record back, or an unlabelled record), so
either alone is `torn`; what may come once and comes again is `twice`; a recall of a label that no
certificate withdrew is `unfounded`. What stands last is the outcome.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from winnow_schemas.certificates import Certificate
from winnow_schemas.evidence import Closing
from winnow_schemas.labels import LabelSource

Outcome = Literal[
    "auto_released",
    "auto_recallable",
    "withdrawn",
    "superseded",
    "in_review",
    "human",
    "unlabelled",
    "dead_letter",
    "waiting",
]
"""`auto_recallable` may still be withdrawn; of one that is `withdrawn` the recall is under way, and one that is
`superseded` was withdrawn and needs none: the same record was decided anew since, and that is what counts."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Fault = Literal["none", "twice", "torn", "unfounded"]
_ANSWERED = frozenset({"right", "wrong"})
_NEVER_ANSWERED = frozenset({"expired", "skipped", "unreadable"})


@dataclass(slots=True)
class DecisionTrail:
    """`put_back` and `left_by_recall` count what a recall led to; `left_by_review` what its end left.

    What is `disputed` was in line when its label was recalled, so that the recall led to nothing.
    """

    record: bool = False
    first: list[str] = field(default_factory=list)
    record_id: str | None = None
    policy_version: int | None = None
    sources: dict[int, LabelSource] = field(default_factory=dict)
    repeated_revisions: int = 0
    put_back: int = 0
    left_by_recall: int = 0
    left_by_review: bool = False
    disputed: bool = False
    closings: dict[tuple[int, int], Closing] = field(default_factory=dict)

    @property
    def recalls(self) -> int:
        """How often its label was taken back."""
        return sum(source == "recall" for source in self.sources.values())

    @property
    def standing(self) -> LabelSource | None:
        """Where the label of the highest revision comes from."""
        return self.sources[max(self.sources)] if self.sources else None

    def is_withdrawn_by(self, certificate: Certificate | None) -> bool:
        """Whether the machine's label is in a withdrawn range."""
        version = self.policy_version
        return certificate is not None and version is not None and certificate.withdraws(version)

    def outcome(self, certificate: Certificate | None, *, superseded: bool) -> Outcome:
        """What has become of the record; `superseded` by a newer decision about it."""
        if not self.first:
            return "waiting"
        if self.first[0] in ("dead", "unlabelled"):
            return "dead_letter" if self.first[0] == "dead" else "unlabelled"
        if self.standing == "auto":
            return self._of_auto(certificate, superseded=superseded)
        last = self._last_closing()
        if self.standing == "human" or last in _ANSWERED:
            return "human"
        still_asked = last == "reopened" or (last is None and not self._is_left)
        return "in_review" if still_asked else "unlabelled"

    def faults(self, certificate: Certificate | None, *, superseded: bool) -> Iterator[tuple[Fault, str]]:
        """What does not fit together; a label may be withheld when the record was decided anew since."""
        if len(self.first) > 1:
            yield "twice", f"decided {len(self.first)} times: {', '.join(sorted(self.first))}"
        if self.repeated_revisions:
            yield "twice", "two labels of the same revision"
        yield from self._faults_of_recall(certificate)
        yield from self._torn(superseded=superseded)

    def _of_auto(self, certificate: Certificate | None, *, superseded: bool) -> Outcome:
        if self.is_withdrawn_by(certificate):
            return "superseded" if superseded else "withdrawn"
        version = self.policy_version
        covered = certificate is not None and version is not None and certificate.covers(version)
        return "auto_released" if covered else "auto_recallable"

    def _faults_of_recall(self, certificate: Certificate | None) -> Iterator[tuple[Fault, str]]:
        led_to = self.put_back + self.left_by_recall
        if self.recalls > 1:
            yield "twice", f"recalled {self.recalls} times"
        if self.recalls and not self.is_withdrawn_by(certificate):
            yield "unfounded", "its label was recalled, and no certificate withdraws it"
        if led_to > 1:
            yield "twice", "recalled once, and put back or left unlabelled more than once"
        if self.recalls and not led_to and not self.disputed:
            yield "torn", "a recall without a request or an unlabelled record"
        if led_to and not self.recalls:
            yield "torn", "put back or left unlabelled as recalled, without a recall"

    def _torn(self, *, superseded: bool) -> Iterator[tuple[Fault, str]]:
        human = "human" in self.sources.values()
        ended = set(self.closings.values())
        if human and not ended & _ANSWERED:
            yield "torn", "a human label without its closing"
        if ended & _ANSWERED and not human and not superseded:
            yield "torn", "a verdict's closing without its label"
        if ended & _NEVER_ANSWERED and not self.left_by_review and not human and not superseded:
            yield "torn", "a closing without its unlabelled record"

    @property
    def _is_left(self) -> bool:
        return self.left_by_review or self.left_by_recall > 0

    def _last_closing(self) -> Closing | None:
        return self.closings[max(self.closings)] if self.closings else None
