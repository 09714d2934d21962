"""What the scorer knows: the newest champion and the policy in force.

Both are swapped between batches only. They are read to their ends before the first record after every
assignment, so that the versions by which a partition is decided never go back when it moves.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import structlog

from winnow.core.decision import policy_for
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow.runtime.snapshot_slots import CHAMPION, is_of_champion
from winnow.runtime.snapshots import Snapshot, SnapshotReader
from winnow.runtime.standing_models import standing
from winnow.scorer.batch_scorer import BatchScorer
from winnow.scorer.champion import Champion
from winnow_schemas.base import NO_MODEL, NO_POLICY
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.policies import Policy

_log = structlog.get_logger(__name__)
_CURRENT = b"current"
_CATCH_UP_S = 30.0


class Source(Protocol):
    """The topics `models` and `policies`; `runtime.follower.Follower` is the real one."""

    def read_to_end(self, timeout_s: float) -> list[Incoming]: ...

    def poll(self) -> list[Incoming]: ...


class Versions(NamedTuple):
    """What decides now; -1 where there is none."""

    model: int
    policy: int


class Knowledge:
    """`scorer` and `policy` are None until there is one. A snapshot that the champion refuses changes nothing."""

    def __init__(
        self, source: Source, snapshots: SnapshotReader, champion: Champion, policies_topic: str, salt_id: str
    ) -> None:
        self.policy: Policy | None = None
        self._source = source
        self._snapshots = snapshots
        self._champion = champion
        self._policies_topic = policies_topic
        self._salt_id = salt_id
        self._unread: list[Incoming] = []

    def catch_up(self) -> None:
        """Waits until everything published by now was read; it counts from the next `follow` on."""
        self._unread += self._source.read_to_end(_CATCH_UP_S)

    def follow(self, now: float) -> list[float]:
        """Adopts what has arrived; seconds from answer to adoption for the answers that came with it.

        Answers in what was read by catching up are left out: how old they are says nothing about us.
        """
        unread, self._unread = self._unread, []
        if unread:
            self._adopt([message for message in unread if message.topic == self._policies_topic], now)
            self._adopt(standing((m for m in unread if m.topic != self._policies_topic), is_of_champion), now)
            self._snapshots.require_ours(CHAMPION)
        adopted = self._adopt(self._source.poll(), now)
        return [max(0.0, now - answered.timestamp()) for one in adopted for answered in one.manifest.fresh]

    @property
    def scorer(self) -> BatchScorer | None:
        """The champion; another object, or the same one with another version, after `follow`."""
        return self._champion.scorer

    @property
    def model_since(self) -> int:
        """The first version of the model that decides."""
        return self._champion.since

    @property
    def policy_for_champion(self) -> Policy | None:
        """The policy as it holds for the champion, which may be another one than that it was made for."""
        return policy_for(self.policy, self.model_since)

    @property
    def versions(self) -> Versions:
        """Versions of the champion and of the policy."""
        scorer, policy = self.scorer, self.policy
        return Versions(scorer.version if scorer else NO_MODEL, policy.version if policy else NO_POLICY)

    def is_in_force(self, now: float) -> bool:
        """Whether there is a policy that has not lapsed."""
        return self.policy is not None and self.policy.valid_until.timestamp() >= now

    def _adopt(self, messages: Sequence[Incoming], now: float) -> list[Snapshot]:
        """The snapshots that decide, or decided until the next of them."""
        adopted = []
        for message in messages:
            if message.topic == self._policies_topic:
                self._take_policy(message, now)
            elif (snapshot := self._snapshots.feed(message)) and self._champion.take(snapshot):
                adopted.append(snapshot)
        return adopted

    def _take_policy(self, message: Incoming, now: float) -> None:
        if message.key != _CURRENT or message.value is None:
            return
        try:
            policy = decode(Policy, message.value)
        except InvalidMessage as error:
            _log.error("policy_unreadable", offset=message.offset, error=str(error))
            return
        if policy.salt_id != self._salt_id:
            raise UsageError(
                f"policy {policy.version} was made for the salt {policy.salt_id}, this scorer has {self._salt_id}: "
                "give all services of the task the same salt (WINNOW_SECRETS__SALT_FILE)"
            )
        if self._may_follow(policy, now):
            self.policy = policy

    def _may_follow(self, policy: Policy, now: float) -> bool:
        """Never back, unless the policy in force has lapsed: then a monitor with a new history has begun."""
        return self.policy is None or policy.version >= self.policy.version or not self.is_in_force(now)
