"""Cohorts meet ledgers: counting, settling audits, releasing labels, taking them back."""

from collections.abc import Mapping, Sequence
from typing import Any

from winnow.core.risk.audit_register import Audit
from winnow.core.risk.cohorts import Cohort, CohortBook, Tally
from winnow.core.risk.risk_scope import RiskScope
from winnow.core.risk.withdrawals import Withdrawals
from winnow_schemas.evidence import Closing, LabelCounts

NEVER_ANSWERED: frozenset[Closing] = frozenset({"expired", "skipped", "unreadable", "withdrawn"})
"""Such an audit counts as wrong and on top as one label of unknown truth: dropping it would let errors hide."""

_MOST_COHORTS = 48


def _effect(closing: Closing | None) -> Tally:
    """What a closing adds to the tally of its cohort."""
    if closing is None or closing == "reopened":
        return Tally()
    return Tally(closed=1, found=int(closing != "right"), never=int(closing in NEVER_ANSWERED))


class Releases:
    """The labels of all scopes, from decision to release or withdrawal.

    `changes` counts what may have changed a certificate: only here do ledgers count and labels go back.
    """

    def __init__(self, scopes: Sequence[RiskScope]) -> None:
        self._scopes = scopes
        self.cohorts = CohortBook(_MOST_COHORTS if len(scopes) == 1 else _MOST_COHORTS // 4)
        self.withdrawals = Withdrawals()
        self.changes = 0

    def open(self, version: int, now: float) -> None:
        """Begin the cohort of a new policy version."""
        self.drop_past_epochs()
        walls = {chapter.first for scope in self._scopes for chapter in scope.ledger.chapters}
        self.cohorts.open(version, now, sorted(walls))

    def count(self, version: int, scope: int, labels: LabelCounts, now: float) -> None:
        """Labels and audits decided under a policy version."""
        cohort = self.cohorts.find(version)
        if cohort:
            tally = cohort.tally(scope)
            tally.unseen += labels.unseen
            tally.audits += labels.ledger_audits
            cohort.newest_at = now
        elif not self.withdrawals.never_released(version):
            self._count_after_release(version, scope, labels)

    def _count_after_release(self, version: int, scope: int, labels: LabelCounts) -> None:
        # Complete cohorts grow no more; should one do so, nothing but "all wrong" is safe to say.
        chapter = self._scopes[scope].ledger.chapter_of(version)
        if chapter:
            chapter.never += labels.unseen
            self.changes += 1

    def settle(self, version: int, scope: int, audit: Audit | None, closing: Closing) -> bool:
        """One closing of a ledger audit, `audit` what came before; True when its cohort had been passed."""
        cohort = self.cohorts.find(version)
        if cohort:
            self._settle_held(cohort.tally(scope), audit.newest.closing if audit else None, closing)
        elif (
            closing != "right" and not self.withdrawals.never_released(version) and not (audit and audit.counted_wrong)
        ):
            chapter = self._scopes[scope].ledger.chapter_of(version)
            if chapter:
                chapter.found += 1
                chapter.never += closing in NEVER_ANSWERED
                self.changes += 1
        return cohort is None

    def spend(self, version: int, scope: int, labels: float) -> None:
        """An audit says that so many more labels of its policy version are wrong that nobody saw."""
        cohort = self.cohorts.find(version)
        if cohort:
            cohort.tally(scope).spent += labels
        elif not self.withdrawals.never_released(version):
            chapter = self._scopes[scope].ledger.chapter_of(version)
            if chapter:
                chapter.spent += labels

    @staticmethod
    def _settle_held(tally: Tally, before: Closing | None, closing: Closing) -> None:
        old, new = _effect(before), _effect(closing)
        tally.closed += new.closed - old.closed
        tally.found += new.found - old.found
        tally.never += new.never - old.never

    def withdraw(self, version: int) -> None:
        """Take back all labels not released, up to policy `version`."""
        self.cohorts.withdraw()
        self.withdrawals.withdraw_to(version)
        self.changes += 1

    def recall(self, first: int, last: int) -> None:
        """Take labels back by policy version, also released ones; the ledgers go on counting them."""
        self.withdrawals.recall(first, last)
        self.changes += 1

    def drop_past_epochs(self) -> None:
        """Let go of withdrawn cohorts whose audits no ledger waits for."""
        while (cohort := self.cohorts.oldest) and cohort.withdrawn and not self._counts_anywhere(cohort):
            self.cohorts.pass_oldest()

    def _counts_anywhere(self, cohort: Cohort) -> bool:
        return any(scope.ledger.is_current_epoch(cohort.first) for scope in self._scopes)

    def release(self, passed: int, now: float, hold_s: float) -> list[int]:
        """Release what may be released, in order; gives the scopes whose ledger refused, if any.

        `passed` is the policy version to which every partition has come.
        """
        while cohort := self.cohorts.oldest:
            if not self._is_ripe(cohort, passed, now, hold_s):
                return []
            refused = self._pass(self.cohorts.pass_oldest())
            if refused:
                return refused
        return []

    def _is_ripe(self, cohort: Cohort, passed: int, now: float, hold_s: float) -> bool:
        if cohort.last >= passed:
            return False
        if not (now - cohort.newest_at >= hold_s or cohort.withdrawn or cohort.is_empty):
            return False
        return all(tally.closed >= tally.audits for _, tally in self._tallies(cohort))

    def _tallies(self, cohort: Cohort) -> list[tuple[int, Tally]]:
        """Tallies that count in an epoch that runs."""
        return [
            (number, tally)
            for number, tally in cohort.tallies.items()
            if self._scopes[number].ledger.is_current_epoch(cohort.first)
        ]

    def _pass(self, cohort: Cohort) -> list[int]:
        self.changes += 1
        refused = []
        for number, tally in self._tallies(cohort):
            ledger = self._scopes[number].ledger
            chapter = ledger.chapter_of(cohort.first)
            assert chapter is not None
            chapter.found += tally.found
            chapter.never += tally.never
            if not cohort.withdrawn and not ledger.may_release(chapter, tally.unseen):
                refused.append(number)
        if not cohort.withdrawn and not refused:
            self._count_released(cohort)
        return refused

    def _count_released(self, cohort: Cohort) -> None:
        for number, tally in self._tallies(cohort):
            chapter = self._scopes[number].ledger.chapter_of(cohort.first)
            assert chapter is not None
            chapter.released += tally.unseen
            chapter.spent += tally.spent
        self.withdrawals.released = cohort.last

    def snapshot(self) -> dict[str, Any]:
        return {"cohorts": self.cohorts.snapshot(), "withdrawals": self.withdrawals.snapshot()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.cohorts.restore(state["cohorts"])
        self.withdrawals.restore(state["withdrawals"])
