"""When something is said: looks at the gate, policy versions and their renewal, certificates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from winnow.core.risk.cadence import SinceLook
from winnow.core.risk.pool_in_force import PoolInForce
from winnow.core.risk.releases import Releases
from winnow.core.risk.review_budget import ReviewBudget
from winnow.core.risk.risk_scope import RiskScope
from winnow.core.risk.risk_settings import RiskSettings
from winnow.core.risk.statements import Claim, Rules, Turn, claim_of, rules_of
from winnow_schemas.base import NO_POLICY, State
from winnow_schemas.certificates import Certificate
from winnow_schemas.policies import Policy


@dataclass(frozen=True, slots=True)
class Terms:
    """What never changes in what is said."""

    target: float
    confidence: float
    salt_id: str


class Standing(NamedTuple):
    """What a look goes by beside the scopes: what votes are pooled with, and what may be asked."""

    pool: PoolInForce
    budget: ReviewBudget


@dataclass(slots=True)
class _Since:
    """Counters and times since the last look, version and saying."""

    hold_s: float
    answers: int = 0
    records: int = 0
    looked_at: float = 0.0
    issued_at: float = 0.0
    said_at: float = 0.0

    def no_later_than(self, now: float) -> None:
        self.looked_at = min(self.looked_at, now)
        self.issued_at = min(self.issued_at, now)
        self.said_at = min(self.said_at, now)


class Issuer:
    """Knows the policy version in force. A version is the evidence offset that caused it."""

    def __init__(
        self,
        settings: RiskSettings,
        terms: Terms,
        scopes: Sequence[RiskScope],
        releases: Releases,
        standing: Standing,
    ) -> None:
        self._settings = settings
        self._terms = terms
        self._scopes = scopes
        self._releases = releases
        self._pool, self._budget = standing
        self._since = _Since(settings.hold_min_s)
        self._version_is_due = False
        self.first: int | None = None
        self.current = NO_POLICY
        self.rules: Rules | None = None
        self.claim: Claim | None = None
        self._claimed: tuple[int, int, State] | None = None

    @property
    def hold_s(self) -> float:
        """How long auto labels stay recallable, as of the last look."""
        return self._since.hold_s

    def begin(self, now: float) -> None:
        """The first evidence."""
        self._since.looked_at = now
        self._version_is_due = True

    def hear_answer(self) -> None:
        self._since.answers += 1

    def hear_records(self, records: int) -> None:
        self._since.records += records

    def demand_version(self) -> None:
        """Whatever the cadence says: this turn ends with a new version."""
        self._version_is_due = True

    def knows(self, version: int) -> bool:
        """Whether a decision may name this version."""
        return self.first is not None and self.first <= version <= self.current

    def no_later_than(self, now: float) -> None:
        """A clock had jumped ahead: nothing was later than `now`."""
        self._since.no_later_than(now)

    def policy(self, turn: Turn, hold_s: Callable[[], float]) -> Policy | None:
        """The policy to say at the end of a turn, if any; `hold_s` is what the answer times ask for."""
        since = self._since_look(turn.now)
        looks = self._settings.cadence.look_is_due(since)
        if looks:
            self._look(turn.now, hold_s())
        if looks or self._version_is_due:
            wanted = rules_of(self._scopes, self._budget, turn)
            changed = self._version_is_due or wanted != self.rules
            if self._version_is_due or self._settings.cadence.version_is_due(since, changed=changed):
                return self._issue(turn, wanted)
        return self._renewed(turn.now)

    def _since_look(self, now: float) -> SinceLook:
        return SinceLook(
            answers=self._since.answers,
            records=self._since.records,
            seconds=now - self._since.looked_at,
            version_age_s=now - self._since.issued_at,
            hold_s=self._since.hold_s,
        )

    def _look(self, now: float, hold_s: float) -> None:
        self._since.answers = self._since.records = 0
        self._since.looked_at, self._since.hold_s = now, hold_s
        for number, scope in enumerate(self._scopes):
            scope.look_again(self._pool.weights, self._releases.cohorts.spent(number))

    def _issue(self, turn: Turn, rules: Rules) -> Policy:
        self._version_is_due = False
        self.first = turn.offset if self.first is None else self.first
        self.current, self.rules = turn.offset, rules
        self._since.issued_at = self._since.said_at = turn.now
        self._releases.open(turn.offset, turn.now)
        return self._said(rules)

    def _renewed(self, now: float) -> Policy | None:
        if self.rules is None or now - self._since.said_at < self._settings.renew_s:
            return None
        self._since.said_at = now
        return self._said(self.rules)

    def _said(self, rules: Rules) -> Policy:
        return rules.policy(self.current, self._since.said_at, self._settings.valid_s, asdict(self._terms))

    def certificate(self, turn: Turn) -> Certificate | None:
        """The certificate to say at the end of a turn, if it says something new."""
        state = self.rules.state if self.rules else "cold"
        rests_on = (self._releases.changes, turn.epoch, state)
        if rests_on == self._claimed:
            return None
        self._claimed = rests_on
        claim = claim_of(self._scopes, self._releases.withdrawals, turn.epoch, state)
        if not claim.differs_from(self.claim):
            return None
        self.claim = claim
        return claim.certificate(turn.offset, turn.now, self._terms.target, self._terms.confidence)

    def snapshot(self) -> dict[str, Any]:
        return {
            "since": asdict(self._since),
            "first": self.first,
            "current": self.current,
            "rules": asdict(self.rules) if self.rules else None,
            "claim": asdict(self.claim) if self.claim else None,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._since = _Since(**state["since"])
        self.first, self.current = state["first"], state["current"]
        self.rules = Rules.of_snapshot(state["rules"]) if state["rules"] else None
        self.claim = Claim.of_snapshot(state["claim"]) if state["claim"] else None
        self._claimed = None
