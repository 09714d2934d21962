"""Streams of millions of records in seconds: counts by the thousand, closings one by one, through the real monitor."""

from dataclasses import replace

import numpy as np
from tests.core.risk.risk_story import Story, task

from winnow.core.risk import RiskSettings
from winnow.core.risk.coin import extra_share

RECORDS_PER_SECOND = 100.0
ANSWERED_AFTER_S = 2.0


class LongStream:
    """`error(stream)` is the share of wrong labels in the next batch; all records have the same score."""

    def __init__(self, seed, error, target=0.05, **settings):
        self.rng = np.random.default_rng(seed)
        self.error = error
        base = replace(RiskSettings.of_task(task(target)), hold_min_s=1.0, audits_per_hour=0.0)
        self.story = Story(target=target, settings=replace(base, **settings)).begin()
        self.records = self.audits = self.reviews = self.not_met = 0
        self.audits_at_alarm = []
        self.batches = []
        self._waiting = []

    def run(self, records):
        while self.records < records:
            self._answer()
            self._decide(self._batch_size())
            self._check()
        return self

    def _batch_size(self):
        if not self.story.policy.thresholds:
            return 5
        return int(min(max(50, self.story.certificate.labels / 400), 20_000))

    def _decide(self, size):
        policy = self.story.policy
        error = self.error(self)
        if not policy.thresholds:
            wrong = int(self.rng.binomial(size, error))
            self._ask("review", wrong, size - wrong, 1.0)
            self._count(size, reviews=size)
            return
        shares = self._shares(policy.audit_rate, policy.ledger_rate)
        wrong = self.rng.multinomial(self.rng.binomial(size, error), shares)
        right = self.rng.multinomial(size - wrong.sum(), shares)
        self._ask("extra", int(wrong[0]), int(right[0]), policy.audit_rate)
        self._ask("ledger", int(wrong[1]), int(right[1]), policy.audit_rate)
        extra, ledger, unseen = (wrong + right).tolist()
        self.batches.append((policy.version, unseen, int(wrong[2])))
        self.audits += extra + ledger
        self._count(size, extra_audits=extra, ledger_audits=ledger, unseen=unseen)

    @staticmethod
    def _shares(audit_rate, ledger_rate):
        extra = extra_share(audit_rate, ledger_rate)
        return [extra, audit_rate - extra, 1 - audit_rate]

    def _count(self, size, **counts):
        self.records += size
        self.story.seconds += size / RECORDS_PER_SECOND
        self.story.counts(**counts)

    def _ask(self, look, wrong, right, propensity):
        due = self.story.seconds + ANSWERED_AFTER_S
        kinds = np.array(["wrong"] * wrong + ["right"] * right)
        self.rng.shuffle(kinds)
        for kind in kinds.tolist():
            name = f"{self.records}-{look}-{len(self._waiting)}"
            closed = self.story.closed(
                name, kind, look=look, propensity=propensity, top_probability=0.95, epoch=self.story.policy.epoch
            )
            self._waiting.append((due, closed))
        if look == "review":
            self.reviews += wrong + right

    def _answer(self):
        now = self.story.seconds
        due = [closed for at, closed in self._waiting if at <= now]
        self._waiting = [(at, closed) for at, closed in self._waiting if at > now]
        for closed in due:
            alarms = len(self.story.alarms)
            self.story.feed(closed.model_copy(update={"at": self.story.at}))
            if len(self.story.alarms) > alarms:
                self.audits_at_alarm.append(self.story.monitor.parts.scopes[0].audits)

    def _check(self):
        certificate = self.story.certificate
        self.not_met += certificate.labels > 50_000 and not certificate.met

    @property
    def released_wrong(self):
        return sum(wrong for version, _, wrong in self.batches if self.story.certificate.covers(version))
