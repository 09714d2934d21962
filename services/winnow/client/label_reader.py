"""Reads `labels` as a member of a group, and gives only what `released_labels` lets through.

At least once: after a restart or a change of the group, labels may come again from the oldest one
that waited at the last `commit`; `(record_id, decision_id, revision)` tells a label from another.
"""

import logging
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple, Self

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from winnow.client.released_labels import REMEMBERED, Change, ReleasedLabels
from winnow.runtime.consumed import incoming
from winnow.runtime.error_kinds import ErrorKind, kind_of
from winnow.runtime.errors import RestartNeeded
from winnow.runtime.follower import Follower
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.labels import Label

_AT_ONCE = 500
_WAIT_S = 0.5
_CERTIFICATES_WITHIN_S = 60.0
_log = structlog.get_logger(__name__)


class _Ready(NamedTuple):
    """A change that was not handed out yet, and how far its partition had been read before it."""

    partition: int
    offset: int
    change: Change


class LabelReader:
    """Iterate over it for ever, or ask with `read`; `commit` what you have stored.

    Each consumer that shares a `group` gets some of the partitions. The first read of a group
    begins with the oldest label there is. A context manager; not for several threads.
    """

    def __init__(self, settings: Settings, group: str, remembered: int = REMEMBERED) -> None:
        self._topic = settings.topics["labels"]
        self._remembered = remembered
        self._partitions: dict[int, ReleasedLabels] = {}
        self._next: dict[int, int] = {}
        self._ready: deque[_Ready] = deque()
        self._certificate: Certificate | None = None
        self._follower = Follower(settings, [settings.topics["certificates"]])
        self._consumer = Consumer(settings.consumer_config(group), logger=logging.getLogger("winnow.kafka"))
        self._subscribed = False

    def __iter__(self) -> Iterator[Change]:
        """Changes as they come, without end."""
        while True:
            self._fetch(_WAIT_S)
            while self._ready:
                yield self._ready.popleft().change

    def read(self, timeout_s: float) -> list[Change]:
        """What changed since the last read, after at most about `timeout_s`; may be empty."""
        self._fetch(timeout_s)
        changes = [ready.change for ready in self._ready]
        self._ready.clear()
        return changes

    def commit(self) -> None:
        """Everything handed out so far is stored: do not begin before it after a restart.

        While partitions change hands it may do nothing; then what was handed out comes again.
        """
        offsets = [TopicPartition(self._topic, partition, self._position(partition)) for partition in self._next]
        if not offsets:
            return
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            _complain(error.args[0])

    def close(self) -> None:
        """Leave the group; what was not committed comes again."""
        self._consumer.close()
        self._follower.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _fetch(self, timeout_s: float) -> None:
        """May raise `TransientError`: the broker does not answer, ask again."""
        if not self._subscribed:
            self._certify(self._follower.read_to_end(_CERTIFICATES_WITHIN_S))
            self._consumer.subscribe(
                [self._topic], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
            )
            self._subscribed = True
        self._certify(self._follower.poll())
        for message in self._consumer.consume(_AT_ONCE, timeout_s):
            if message.error() is not None:
                _complain(message.error())
            elif message.partition() in self._partitions:
                self._take(incoming([message])[0])

    def _take(self, message: Incoming) -> None:
        labels = self._partitions[message.partition]
        self._next[message.partition] = message.offset + 1
        try:
            changes = _changes(labels, message)
        except InvalidMessage as wrong:
            position = f"{message.topic}/{message.partition}/{message.offset}"
            _log.warning("label passed over", position=position, error=wrong.code)
            return
        self._ready.extend(_Ready(message.partition, message.offset, change) for change in changes)

    def _certify(self, messages: list[Incoming]) -> None:
        for message in messages:
            if message.value is None:
                continue
            self._certificate = decode(Certificate, message.value)
            for partition in self._next:
                begins = self._position(partition)
                changes = self._partitions[partition].certify(self._certificate)
                self._ready.extend(_Ready(partition, begins, change) for change in changes)

    def _position(self, partition: int) -> int:
        """Where to begin after a restart: nothing that waits or was not handed out lies before it."""
        waiting = self._partitions[partition].oldest_waiting
        ready = [each.offset for each in self._ready if each.partition == partition]
        return min([self._next[partition], *ready, *([] if waiting is None else [waiting])])

    def _assigned(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        for assigned in partitions:
            self._partitions[assigned.partition] = ReleasedLabels(self._certificate, self._remembered)

    def _revoked(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        gone = {revoked.partition for revoked in partitions}
        for partition in gone:
            self._partitions.pop(partition, None)
            self._next.pop(partition, None)
        self._ready = deque(ready for ready in self._ready if ready.partition not in gone)


def _changes(labels: ReleasedLabels, message: Incoming) -> list[Change]:
    if message.value is None:
        return labels.erase(message.key.decode()) if message.key is not None else []
    return labels.take(decode(Label, message.value), message.offset)


def _complain(error: KafkaError) -> None:
    if kind_of(error) in {ErrorKind.FENCED, ErrorKind.FATAL}:
        raise RestartNeeded(error.str())
    _log.warning("the consumer reports an error", error=error.str())
