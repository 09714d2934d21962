"""How requests ended: each closing teaches, raises alarms and settles audits once, whatever comes twice or late."""

from winnow.core.risk.answer_window import Mark
from winnow.core.risk.answers import (
    AUDITS,
    NOT_WRONG,
    Answer,
    answer_of,
    is_answered,
    is_first_answer_to_gold,
    request_and_mark,
    unseen_per_audit,
    was_chosen_by_coin,
)
from winnow.core.risk.audit_register import Audit, AuditState
from winnow.core.risk.epochs import Epochs
from winnow.core.risk.monitor_parts import Parts
from winnow.core.risk.risk_scope import RiskScope
from winnow.core.risk.risk_slots import Slots
from winnow_schemas.evidence import Closed


class ClosingsFold:
    """`changed` are the slots that the newest closing changed."""

    def __init__(self, parts: Parts, epochs: Epochs, slots: Slots) -> None:
        self._parts = parts
        self._epochs = epochs
        self._slots = slots
        self.changed: set[int] = set()

    def hear(self, closed: Closed) -> None:
        """Take in one message."""
        parts = self._parts
        if closed.known_wrong and is_first_answer_to_gold(closed):
            parts.gold.hear(missed=closed.closing == "right")
        number = parts.scope_of(closed.predicted)
        if number is None or not was_chosen_by_coin(closed):
            return
        if self._knows(closed):
            self._hear_known(closed, number)
        else:
            parts.unknown_versions += 1

    def _knows(self, closed: Closed) -> bool:
        known = self._parts.issuer.knows(closed.policy_version)
        return known and (closed.epoch is None or closed.epoch <= self._epochs.current)

    def _hear_known(self, closed: Closed, number: int) -> None:
        parts = self._parts
        request, mark = request_and_mark(closed)
        audit = parts.register.find(request, parts.now) if closed.look == "ledger" else None
        marks = (audit.newest.mark if audit else None, parts.scopes[number].window.mark_of(request))
        if any(known is not None and mark <= known for known in marks):
            parts.repeated += 1
            return
        if closed.look in AUDITS:
            found = self._newly_found(closed, number, request, audit)
            parts.releases.spend(closed.policy_version, number, found * unseen_per_audit(closed))
        if is_answered(closed):
            self._hear_answer(closed, number, answer_of(closed, request, mark, audit))
        if closed.look == "ledger":
            self._settle(closed, number, request, mark, audit)

    def _hear_answer(self, closed: Closed, number: int, answer: Answer) -> None:
        parts, scope = self._parts, self._parts.scopes[number]
        scope.learn(answer)
        parts.issuer.hear_answer()
        if answer.first:
            slot = parts.times.add((closed.at - closed.decided_at).total_seconds())
            self.changed.add(self._slots.of_time(slot))
        if not scope.ledger.is_current_epoch(closed.policy_version):
            return
        if closed.model_version >= parts.model_since:
            row = scope.keep(parts.offset, answer)
            if row is not None:
                self.changed.add(self._slots.of_answer(number, row))
        if answer.audit and answer.first and scope.watch(answer):
            self._alarm(scope)

    def _newly_found(self, closed: Closed, number: int, request: str, audit: Audit | None) -> int:
        """1 when an audit is wrong that was not before, -1 when it is so no more, else 0.

        An audit of the ledger that nobody answers counts as wrong, as it does there; an extra one says nothing.
        """
        if closed.look == "ledger":
            before = audit is not None and audit.newest.closing not in NOT_WRONG
            return (closed.closing not in NOT_WRONG) - before
        if not is_answered(closed):
            return 0
        return (closed.closing == "wrong") - self._parts.scopes[number].window.was_wrong(request)

    def _alarm(self, scope: RiskScope) -> None:
        values = {"level": scope.statistic.level, "audits": float(scope.audits)}
        self._epochs.end("errors", "audits are wrong more often than the target allows", [scope], values)

    def _settle(self, closed: Closed, number: int, request: str, mark: Mark, audit: Audit | None) -> None:
        parts = self._parts
        settled = parts.releases.settle(closed.policy_version, number, audit, closed.closing)
        state = AuditState(parts.offset, mark, closed.closing, settled)
        bucket = parts.register.note(request, closed.policy_version, state, parts.now)
        self.changed.add(self._slots.of_audits(bucket))
