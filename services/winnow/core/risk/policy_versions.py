"""Versions of the policy: which was issued when, and when it must be said again."""

from collections.abc import Mapping
from typing import Any

from winnow.core.risk.statements import Rules


class PolicyVersions:
    """The version in force, since when, and the rules in it."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.current: int = -1
        self.since = 0.0
        self.said_at = 0.0
        self.rules: Rules | None = None

    def knows(self, version: int) -> bool:
        """Whether a decision may name this version."""
        return self.first is not None and self.first <= version <= self.current

    def issue(self, version: int, rules: Rules, now: float) -> None:
        """A new version is in force."""
        if self.first is None:
            self.first = version
        self.current, self.rules = version, rules
        self.since = self.said_at = now

    def snapshot(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "current": self.current,
            "since": self.since,
            "said_at": self.said_at,
            "rules": self.rules.snapshot() if self.rules else None,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.first, self.current = state["first"], state["current"]
        self.since, self.said_at = state["since"], state["said_at"]
        self.rules = Rules.of_snapshot(state["rules"]) if state["rules"] else None
