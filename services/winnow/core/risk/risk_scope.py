"""One scope in which the error is held: all labels together, or one predicted label.

It owns what must not mix between scopes: error model, kept answers, gate, alarm and ledger.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from winnow.core.risk.answer_window import AnswerWindow, KeptAnswer
from winnow.core.risk.answers import Answer
from winnow.core.risk.drift_alarm import DriftStatistic
from winnow.core.risk.error_model import HIGHEST_Z, LOWEST_Z, ErrorModel, logit
from winnow.core.risk.gate import Floats, Gate, Zone
from winnow.core.risk.ledger import Ledger
from winnow.core.risk.margin import Margin
from winnow.core.risk.risk_settings import RiskSettings
from winnow.core.risk.thinning import LabelRate, Thinning
from winnow.core.risk.thresholds import thresholds
from winnow.core.voting import PoolWeights
from winnow_schemas.base import State


class RiskScope:
    """`labels` are those of the task that it decides about; `risk` is its share of δ."""

    def __init__(self, settings: RiskSettings, labels: Sequence[str], risk: float) -> None:
        self.settings = settings
        self.labels = tuple(labels)
        self.error_model = ErrorModel()
        self.window = AnswerWindow(settings.window)
        self.statistic = DriftStatistic(settings.target, settings.alarm_run)
        self.ledger = Ledger(settings.target, risk, settings.allowance_factor)
        self.label_rate = LabelRate()
        self.zone: Zone | None = None
        self.thresholds: dict[str, float] = {}
        self.suspended = False
        self.audits = 0
        self.margin = 1.0
        self._review_share = 0.0
        self._gate = Gate(settings.limit_risk, settings.min_zone)
        self._margin = Margin(settings.target, settings.kick, settings.margin_floor, settings.margin_base)
        self._thinning = Thinning(
            settings.target,
            settings.audit_rate,
            settings.chapter_evidence,
            settings.chapter_thinning,
            settings.audits_per_hour,
            settings.audits_per_hour_max,
        )

    @property
    def state(self) -> State:
        if self.thresholds:
            return "probation" if self._is_watched_closely else "auto"
        if self.suspended:
            return "suspended"
        first_epoch = self.ledger.current.epoch == 1
        return "cold" if first_epoch and self.window.count < self.settings.min_answers else "building"

    @property
    def _is_watched_closely(self) -> bool:
        """At the beginning, and as long as errors take most of what was earned."""
        earned = self.settings.target * self.ledger.released
        return earned < self.settings.probation_until or self.margin < self.settings.probation_margin

    @property
    def ledger_rate(self) -> float:
        return self.ledger.current.rate

    def audit_rate(self, now: float) -> float:
        """All audits together: more in probation, and never fewer than timely detection of drift needs."""
        rate = max(self.ledger_rate, self._thinning.floor(self.label_rate.per_hour(now)))
        return max(rate, self.settings.probation_rate) if self.state == "probation" else rate

    def open_share(self, now: float, audits_paid: float | None) -> float:
        """The share of records for which reviewers can answer the audits, and a budget pays so many an hour."""
        return self._thinning.open_share(self.audit_rate(now), self.label_rate.per_hour(now), audits_paid)

    def begin_epoch(self, version: int, overlooked: float) -> None:
        """Start afresh with the policy `version`; only the error model keeps what it knows.

        `overlooked` is the share of errors that reviewers are known to miss.
        """
        self.suspended = bool(self.ledger.chapters)
        self.ledger.begin_epoch(version, self.settings.audit_rate, overlooked)
        self.statistic.start_afresh()
        self.error_model.free_steps()
        self.forget_answers()

    def forget_answers(self) -> None:
        """The gate starts afresh: another model decides, or another epoch began."""
        self.window.start_afresh()
        self.zone = None
        self.thresholds = {}

    def turn_chapter(self, version: int, now: float, overlooked: float) -> bool:
        """Audit less from policy `version` on, when there is enough evidence."""
        chapter = self.ledger.current
        rate = self._thinning.next_rate(chapter.rate, chapter.released, self.label_rate.per_hour(now))
        if rate is None:
            return False
        self.ledger.begin_chapter(version, rate, overlooked)
        return True

    def learn(self, answer: Answer) -> None:
        """Teach the error model."""
        weight = self._mass(answer) / answer.propensity
        self.error_model.learn(logit(answer.top_probability), answer.label, weight, wrong=answer.wrong)

    def _mass(self, answer: Answer) -> float:
        """How much a record of the answer's time counts.

        In a chapter with a third of the audits each record counts a third, so that an audit counts the same in
        all chapters and the newest few do not outweigh all before. Where the gate is closed all are seen.
        """
        if not (answer.audit or self.thresholds):
            return 1.0
        chapter = self.ledger.chapter_of(answer.version) or self.ledger.current
        return chapter.rate / self.settings.audit_rate

    def keep(self, offset: int, answer: Answer) -> int | None:
        """Keep an answer of this epoch for the gate; gives the slot that changed.

        As audits get rarer, reviews beside an open gate are kept at the same lower share, so that they
        do not push the audits out of the window.
        """
        if not answer.first:
            return self.window.revise(offset, answer.request, answer.mark, wrong=answer.wrong)
        weight = self._mass(answer) / answer.propensity
        if not answer.audit:
            self._review_share += self._mass(answer)
            if self._review_share < 1.0:
                return None
            self._review_share -= 1.0
            weight = 1.0 / answer.propensity
        x = logit(answer.top_probability)
        kept = KeptAnswer(answer.request, answer.mark, answer.label, x, weight, answer.wrong, answer.votes)
        return self.window.add(offset, kept)

    def watch(self, answer: Answer) -> bool:
        """Give an audit of this epoch to the drift alarm; True when it is raised."""
        self.audits += 1
        if self.settings.target <= 0.0:
            return False
        return self.statistic.hear(wrong=answer.wrong)

    def look_again(self, pool: PoolWeights | None, held: float) -> None:
        """Score the kept answers anew, votes pooled with the weights of today, and set the thresholds.

        `held` estimates the wrong ones among the labels that wait for their release.
        """
        self.margin = self._margin(self.ledger.spent + held, self.ledger.released)
        self.zone = self._widest_zone(pool)
        labels = dict.fromkeys((*self.labels, *self.error_model.labels))
        self.thresholds = thresholds(self.error_model, self.zone.theta, labels) if self.zone else {}
        if self.thresholds:
            self.suspended = False

    def _widest_zone(self, pool: PoolWeights | None) -> Zone | None:
        if self.window.count < self.settings.min_answers or self.settings.target <= 0.0:
            return None
        answers = self.window.newest(pool)
        allowed = self.settings.target * self.margin
        return self._gate.widest(self._z(answers.x, answers.label), answers.wrong, answers.weight, allowed)

    def _z(self, x: Floats, codes: Any) -> Floats:
        model = self.error_model
        offsets = np.array([model.offset(label) for label in self.window.label_names])
        z: Floats = (model.bias + model.slope * x / 3.0 + offsets[codes]).clip(LOWEST_Z, HIGHEST_Z)
        return z

    def snapshot_head(self) -> dict[str, Any]:
        """All but the slots of the window."""
        return {
            "error_model": self.error_model.snapshot(),
            "window": self.window.snapshot_head(),
            "statistic": self.statistic.snapshot(),
            "ledger": self.ledger.snapshot(),
            "label_rate": self.label_rate.snapshot(),
            "zone": [self.zone.theta, self.zone.answers, self.zone.error, self.zone.limit] if self.zone else None,
            "thresholds": self.thresholds,
            "suspended": self.suspended,
            "audits": self.audits,
            "margin": self.margin,
            "review_share": self._review_share,
        }

    def restore(self, head: Mapping[str, Any], slots: Mapping[int, list[Any]], offset: int) -> None:
        """Back to `head`, taken at `offset`; the slots may be somewhat ahead of it."""
        self.error_model.restore(head["error_model"])
        self.window.restore(head["window"], slots, offset)
        self.statistic.restore(head["statistic"])
        self.ledger.restore(head["ledger"])
        self.label_rate.restore(head["label_rate"])
        self.zone = Zone(*head["zone"]) if head["zone"] else None
        self.thresholds = dict(head["thresholds"])
        self.suspended = head["suspended"]
        self.audits = head["audits"]
        self.margin = head.get("margin", 1.0)
        self._review_share = head["review_share"]
