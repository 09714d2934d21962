"""Proves from the topics that every decision has exactly one outcome: the fold behind `winnow verify`.

Pure: messages go in in any order, an `Account` comes out. A decision is one record's position; what is
found about it makes its trail. A record beyond what the scorers say they have decided is `waiting`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from winnow.cli.decision_ids import parse_decision_id
from winnow.cli.decision_trail import OUTCOMES, DecisionTrail, Fault, Outcome
from winnow_schemas.certificates import Certificate
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.evidence import Closed, Counts
from winnow_schemas.labels import Label
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.unlabelled import Unlabelled

REOPENING_REASONS = frozenset({"recalled", "disputed", "gold"})


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """A decision whose outcomes do not add up to one."""

    partition: int
    offset: int
    fault: Fault
    detail: str


@dataclass(frozen=True, slots=True)
class Account:
    """The sum over all decisions, and those that break it.

    `counted` and `written` hold first outcomes by kind, once as the scorers' evidence counts them
    and once as found in the topics; they must be equal when both topics are still whole. `recalled`
    decisions are among the outcomes with what they have become since; `audits` are those that the
    scorers gave to people blind.
    """

    records: int
    outcomes: dict[Outcome, int]
    recalled: int
    audits: int
    problems: tuple[Problem, ...]
    counted: dict[str, int]
    written: dict[str, int]

    @property
    def auto(self) -> int:
        """Labels of the machine that stand."""
        return self.outcomes["auto_released"] + self.outcomes["auto_recallable"]

    @property
    def adds_up(self) -> bool:
        """Whether every record has exactly one outcome."""
        return not self.problems and sum(self.outcomes.values()) == self.records


class OutcomeLedger:
    """Gathers what became of each record of one incarnation (`stream`) of the records topic."""

    def __init__(self, stream: str, records_topic: str) -> None:
        self._stream = stream
        self._records_topic = records_topic
        self._trails: dict[tuple[int, int], DecisionTrail] = {}
        self._decided: Counter[int] = Counter()
        self._counted: Counter[str] = Counter()
        self._audits = 0
        self._newest_of: dict[str, tuple[int, int]] = {}
        self._decided_again: set[str] = set()
        self._certificate: Certificate | None = None

    def record(self, partition: int, offset: int) -> None:
        """A record stands at this position."""
        self._trail((partition, offset)).record = True

    def label(self, label: Label) -> None:
        """An auto or human label, or a recall."""
        trail = self._of(label.decision_id, label.record_id)
        if trail is None:
            return
        if label.source == "auto":
            trail.first.append("auto")
            trail.policy_version = label.policy_version
        elif label.revision in trail.sources:
            trail.repeated_revisions += 1
        trail.sources[label.revision] = label.source

    def request(self, request: ReviewRequest) -> None:
        """A request for review; one that opens a decision again is no first outcome."""
        trail = self._of(request.request_id, request.record.get("id"))
        parsed = parse_decision_id(request.request_id)
        if trail is None or parsed is None:
            return
        trail.disputed |= request.reason == "disputed"
        if parsed.reopened:
            return
        if request.reason == "recalled":
            trail.put_back += 1
        elif request.reason not in REOPENING_REASONS:
            trail.first.append("review")

    def unlabelled(self, unlabelled: Unlabelled) -> None:
        """A record left without a label, by the scorer's budget, a recall, or the end of its request."""
        trail = self._of(unlabelled.decision_id, unlabelled.record_id)
        if trail is None:
            return
        if unlabelled.reason == "budget":
            trail.first.append("unlabelled")
        elif unlabelled.reason == "recalled":
            trail.left_by_recall += 1
        else:
            trail.left_by_review = True

    def dead_letter(self, dead: DeadLetter) -> None:
        """A message nobody could use; only those of the records topic are outcomes."""
        if dead.source.topic == self._records_topic:
            self._trail((dead.source.partition, dead.source.offset)).first.append("dead")

    def closing(self, closed: Closed) -> None:
        """How a request ended; the last revision of the last opening stands."""
        if closed.reason == "disputed" and closed.closing not in ("right", "wrong"):
            return  # the label that was doubted stands
        trail = self._of(closed.request_id, None)
        parsed = parse_decision_id(closed.request_id)
        if trail and parsed:
            trail.closings[parsed.reopened, closed.revision] = closed.closing

    def counts(self, counts: Counts) -> None:
        """What a scorer says it decided in one transaction."""
        if counts.stream != self._stream:
            return
        self._decided[counts.partition] = max(self._decided[counts.partition], counts.end)
        for label in counts.labels.values():
            self._counted["auto"] += label.unseen
            self._counted["review"] += label.reviews + label.ledger_audits + label.extra_audits
            self._audits += label.ledger_audits + label.extra_audits
        self._counted["review"] += counts.no_model
        self._counted["unlabelled"] += counts.unlabelled
        self._counted["dead"] += counts.dead

    def certificate(self, certificate: Certificate) -> None:
        """What is released and what is withdrawn; the newest one counts."""
        if self._certificate is None or certificate.version >= self._certificate.version:
            self._certificate = certificate

    def account(self) -> Account:
        """The sum so far."""
        outcomes: Counter[Outcome] = Counter()
        problems: list[Problem] = []
        for (partition, offset), trail in self._trails.items():
            if not trail.record:
                continue
            found = [Problem(partition, offset, *fault) for fault in self._faults(partition, offset, trail)]
            problems.extend(found)
            if not any(problem.fault == "none" for problem in found):
                newest = self._newest_of.get(trail.record_id or "", (partition, offset))
                superseded = newest != (partition, offset)
                outcomes[trail.outcome(self._certificate, superseded=superseded)] += 1
        return Account(
            records=sum(trail.record for trail in self._trails.values()),
            outcomes={outcome: outcomes[outcome] for outcome in OUTCOMES},
            recalled=sum(trail.recalls > 0 for trail in self._trails.values()),
            audits=self._audits,
            problems=tuple(sorted(problems)),
            counted={kind: self._counted[kind] for kind in ("auto", "review", "unlabelled", "dead")},
            written=self._written(),
        )

    def _trail(self, position: tuple[int, int]) -> DecisionTrail:
        return self._trails.setdefault(position, DecisionTrail())

    def _of(self, decision_id: str, record_id: str | None) -> DecisionTrail | None:
        parsed = parse_decision_id(decision_id)
        if parsed is None or parsed.stream != self._stream:
            return None
        position = parsed.partition, parsed.offset
        trail = self._trail(position)
        if record_id is not None:
            trail.record_id = record_id
            newest = self._newest_of.setdefault(record_id, position)
            if newest != position:
                self._decided_again.add(record_id)
                self._newest_of[record_id] = max(newest, position, key=lambda each: (each[1], each[0]))
        return trail

    def _written(self) -> dict[str, int]:
        found = Counter(kind for trail in self._trails.values() for kind in trail.first)
        return {kind: found[kind] for kind in ("auto", "review", "unlabelled", "dead")}

    def _faults(self, partition: int, offset: int, trail: DecisionTrail) -> Iterator[tuple[Fault, str]]:
        if not trail.first and offset < self._decided[partition]:
            yield "none", "the scorer passed it and wrote nothing"
        yield from trail.faults(self._certificate, superseded=trail.record_id in self._decided_again)
