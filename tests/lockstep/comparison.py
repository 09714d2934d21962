"""Holds what comes out of Kafka against what the replay told, one thing after the other; fails at the first difference.

Two things differ by their nature and are translated. A policy's version is the offset of the evidence that
caused it: in Kafka marks of transactions take offsets too, so the n-th policy here is the n-th there. A
model's version is an offset of verdicts for the same reason: here it is how many of them it has learned.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel
from tests.lockstep.story import Story

from winnow_schemas.base import NO_MODEL, NO_POLICY
from winnow_schemas.certificates import Certificate
from winnow_schemas.decisions import Decision
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.labels import Label
from winnow_schemas.policies import Policy

T = TypeVar("T")


class Comparison:
    """Each kind of thing is told in its order."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.compared = dict.fromkeys(("decisions", "policies", "certificates", "alarms"), 0)
        self._policies = {NO_POLICY: NO_POLICY}
        self._models = {NO_MODEL: NO_MODEL}

    def learned(self, version: int, verdicts: int) -> None:
        """The model of this version has learned so many verdicts."""
        self._models[version] = verdicts

    def knows_policy(self, version: int) -> bool:
        """Whether that policy was compared."""
        return version in self._policies

    def issued(self, policy: Policy) -> None:
        """The next policy version."""
        expected = self._next("policies", self.story.policies)
        self._policies[policy.version] = expected.version
        _same(f"policy {expected.version}", policy, expected, without={"version", "salt_id"})

    def alarmed(self, alarm: DriftAlarm) -> None:
        """The next alarm."""
        expected = self._next("alarms", self.story.alarms)
        _same(f"alarm {expected.version}", alarm, expected, without={"version"})

    def certified(self, certificate: Certificate) -> None:
        """The next certificate."""
        expected = self._next("certificates", self.story.certificates)
        ranges = [(self._policies[first - 1] + 1, self._policies[last]) for first, last in certificate.withdrawn]
        told = {"released": self._policies[certificate.released], "withdrawn": ranges}
        translated = certificate.model_copy(update=told)
        _same(f"certificate {expected.version}", translated, expected, without={"version"})

    def decided(self, offset: int, decision: Decision) -> None:
        """A record that people were asked about, or that the budget left."""
        self._compare(offset, decision.model_dump())

    def labelled(self, offset: int, label: Label) -> None:
        """A record that the machine labelled: a label says less than a decision, and the rest is plain."""
        fields = {name: value for name, value in label.model_dump().items() if name in Decision.model_fields}
        self._compare(offset, fields | {"look": "none", "reason": "confident"})

    def finished(self) -> None:
        """Everything the replay told came about."""
        story = self.story
        expected = {"decisions": len(story.decisions), "policies": len(story.policies)}
        expected |= {"certificates": len(story.certificates), "alarms": len(story.alarms)}
        assert self.compared == expected

    def _compare(self, offset: int, decision: Mapping[str, Any]) -> None:
        self.compared["decisions"] += 1
        versions = {
            "model_version": self._models[decision["model_version"]],
            "policy_version": self._policies[decision["policy_version"]],
        }
        expected = self.story.decisions[offset].model_dump(include=set(decision))
        _same_fields(f"record {offset}", {**decision, **versions}, expected)

    def _next(self, kind: str, told: list[T]) -> T:
        number = self.compared[kind]
        assert number < len(told), f"Kafka holds more {kind} than the replay's {number}"
        self.compared[kind] += 1
        return told[number]


def _same(what: str, live: BaseModel, replayed: BaseModel, without: set[str]) -> None:
    _same_fields(what, live.model_dump(exclude=without), replayed.model_dump(exclude=without))


def _same_fields(what: str, live: Mapping[str, Any], replayed: Mapping[str, Any]) -> None:
    differing = sorted(name for name in live.keys() | replayed.keys() if live.get(name) != replayed.get(name))
    told = [f"{name}: {live.get(name)!r} in Kafka, {replayed.get(name)!r} in the replay" for name in differing]
    assert not told, f"{what} differs: " + "; ".join(told)
