"""Tells a monitor a story: decisions as a scorer would make them, closings as people would give them."""

import heapq
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from winnow.core.risk import RiskMonitor, RiskSettings
from winnow.core.risk.coin import coin, look
from winnow_schemas.certificates import Certificate
from winnow_schemas.evidence import Closed, Command, Counts, LabelCounts, ModelChange
from winnow_schemas.policies import Policy
from winnow_schemas.task import Task

START = datetime(2024, 5, 1, tzinfo=UTC)
STREAM = "abcdefgh"


def task(target=0.1, labels=("a", "b"), **more):
    return Task.model_validate(
        {"task": "story", "labels": labels, "input": {"text": True}, "target": {"error": target, **more}}
    )


class Case(NamedTuple):
    """One record: the machine's label, its top probability, and whether the label is wrong."""

    label: str
    top: float
    wrong: bool


class Story:
    """One monitor and everything it said. Time is in seconds since the start."""

    def __init__(self, target=0.1, partitions=1, settings=None, salt="s", budget=None, **more):
        self.task = task(target, **more).model_copy(update={"budget": budget})
        self.monitor = RiskMonitor(self.task, "salt-id", partitions, settings or RiskSettings.of_replay(self.task))
        self.salt = salt
        self.offset = -1
        self.seconds = 0.0
        self.model_version = 0
        self.model_since = 0
        self.next = dict.fromkeys(range(partitions), 0)
        self.said = []
        self.heard = []
        self.policy: Policy | None = None
        self.certificate: Certificate | None = None
        self.alarms = []
        self.autos: list[tuple[int, bool]] = []
        self.looks = {"none": 0, "review": 0, "extra": 0, "ledger": 0}
        self._waiting: list[tuple[int, int, Closed]] = []

    def feed(self, evidence):
        self.offset += 1
        self.heard.append(evidence)
        return self.hear(self.monitor.on_evidence(self.offset, evidence))

    def hear(self, statements):
        for each in statements:
            self.said.append(each)
            if isinstance(each, Policy):
                self.policy = each
            elif isinstance(each, Certificate):
                self.certificate = each
            else:
                self.alarms.append(each)
        return statements

    @property
    def at(self):
        return START + timedelta(seconds=self.seconds)

    @property
    def version(self):
        return self.policy.version if self.policy else -1

    def begin(self):
        """Empty counts of every partition: the first policy comes."""
        for partition in self.next:
            self.counts(partition=partition)
        return self

    def counts(self, label="a", partition=0, version=None, records=None, stream=STREAM, **counts):
        first = self.next[partition]
        decided = sum(counts.values()) if records is None else records
        self.next[partition] = first + decided
        return self.feed(
            Counts(
                stream=stream,
                partition=partition,
                first=first,
                end=first + decided,
                policy_version=self.version if version is None else version,
                model_version=0,
                model_since=self.model_since,
                labels={label: LabelCounts(**counts)} if counts else {},
                at=self.at,
            )
        )

    def closed(self, request="r", closing="right", **more):
        fields = {
            "request_id": request,
            "closing": closing,
            "revision": 1,
            "reason": "audit",
            "look": "ledger",
            "predicted": "a",
            "top_probability": 0.9,
            "propensity": 0.16,
            "policy_version": self.version,
            "model_version": self.model_version,
            "decided_at": self.at,
            "at": self.at,
        }
        return Closed(**{**fields, **more})

    def close(self, request="r", closing="right", **more):
        return self.feed(self.closed(request, closing, **more))

    def command(self, action, **more):
        """An operator's word, each with an id of its own."""
        fields = {"command_id": f"command-{self.offset}", "operator": "duty-desk", "at": self.at}
        return self.feed(Command(action=action, **{**fields, **more}))

    def change_model(self, change, **more):
        """The learner's word about the model that decides."""
        return self.feed(ModelChange(change=change, name="committee", **{"at": self.at, **more}))

    def run(self, cases: Iterable[Case | Callable], delay=50, closing=None):
        """Decide one record a second; answers come after `delay` seconds, as `closing(case, look)` says."""
        if self.policy is None:
            self.begin()
        for case in cases:
            self._answers()
            self._decide(case(self) if callable(case) else case, delay, closing or _truth)
            self.seconds += 1
        return self

    def _answers(self):
        while self._waiting and self._waiting[0][0] <= self.seconds:
            _, _, closed = heapq.heappop(self._waiting)
            if closed.closing != "open":
                self.feed(closed.model_copy(update={"at": self.at}))

    def _decide(self, case, delay, closing):
        policy, position = self.policy, self.next[0]
        kind, propensity = "review", 1.0
        threshold = policy.thresholds.get(case.label)
        if threshold is not None and case.top > threshold:
            toss = coin(self.salt, STREAM, 0, position)
            kind, propensity = look(toss, policy.audit_rate, policy.ledger_rate), policy.audit_rate
        self.looks[kind] += 1
        if kind == "none":
            self.autos.append((policy.version, case.wrong))
        else:
            closed = self.closed(
                f"{STREAM}/0/{position}",
                closing(case, kind),
                look=kind,
                reason="uncertain" if kind == "review" else "audit",
                predicted=case.label,
                top_probability=case.top,
                propensity=propensity,
                epoch=policy.epoch,
            )
            heapq.heappush(self._waiting, (self.seconds + delay, position, closed))
        name = {"none": "unseen", "review": "reviews", "extra": "extra_audits", "ledger": "ledger_audits"}[kind]
        self.counts(case.label, **{name: 1})

    @property
    def released_wrong(self):
        """Wrong labels among those that the certificate covers."""
        return sum(wrong for version, wrong in self.autos if self.certificate.covers(version))

    @property
    def released(self):
        return sum(self.certificate.covers(version) for version, _ in self.autos)


def _truth(case, kind):
    return "wrong" if case.wrong else "right"
