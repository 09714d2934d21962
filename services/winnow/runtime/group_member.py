"""The consuming side: a member of a group, which knows where each of its partitions stands."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from winnow.runtime.consumed import consumed
from winnow.runtime.error_kinds import ErrorKind, kind_of
from winnow.runtime.errors import RestartNeeded, StoppedWaiting, UsageError
from winnow.runtime.messages import Assignment, Batch, Commit, Partition
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.positions import Positions
from winnow.runtime.steady_clock import steady_now

T = TypeVar("T")
_log = structlog.get_logger(__name__)
_CALL_S = 2.0
_PAUSE_S = 0.2
_SESSION_MS = 45_000
_FORBIDDEN = frozenset({KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED})


class GroupMember:
    """Reads only what is assigned and each message once; commits nothing (see `transactions`)."""

    def __init__(
        self, consumer_config: Mapping[str, Any], topics: Sequence[str], policy: LoopPolicy, stop: threading.Event
    ) -> None:
        config = _with_strategy(consumer_config, policy)
        self._policy = policy
        self._stop = stop
        self._topics = list(topics)
        self._incremental = _is_incremental(config)
        self._changed = False
        self.positions = Positions()
        self.session_s = int(config.get("session.timeout.ms", _SESSION_MS)) / 1000.0
        self._consumer = Consumer(config, logger=logging.getLogger("winnow.kafka"))

    def join(self) -> None:
        """Subscribe; raises `UsageError` when a topic is missing."""
        known = self._patiently(lambda: self._consumer.list_topics(timeout=_CALL_S)).topics
        if missing := [topic for topic in self._topics if topic not in known]:
            raise UsageError(f"topic {', '.join(missing)} is not there: run `winnow topics create`")
        self._consumer.subscribe(self._topics, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)

    def take(self, at_most: int, wait_s: float) -> Batch:
        """The next messages, after at most `wait_s`; partitions may come and go meanwhile."""
        try:
            messages = self._consumer.consume(at_most, wait_s)
        except KafkaException as error:
            raise RestartNeeded(f"cannot read: {error.args[0].str()}") from None
        if any(map(Message.error, messages)):
            messages = self._without_complaints(messages)
        return self.positions.read(consumed(messages))

    def changed(self) -> Assignment | None:
        """The complete assignment when it changed since this was asked last, else None."""
        changed, self._changed = self._changed, False
        return self.positions.assignment if changed else None

    def rewind(self) -> None:
        """Read again from the last commits."""
        starts = self._starts(self.positions.partitions)
        for partition in _with_offsets(starts):
            self._patiently(partial(self._consumer.seek, partition))
        self.positions.assign(starts)
        self._changed = True

    def group(self) -> Any:
        """Who we are, as of now: what fences a commit of a former member."""
        return self._consumer.consumer_group_metadata()

    def leave(self) -> None:
        """Leave the group, but do not wait for a broker that does not answer."""
        closing = threading.Thread(target=self._consumer.close, name="leave the group", daemon=True)
        closing.start()
        closing.join(self._policy.leave_s)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        starts = self._starts([Partition(p.topic, p.partition) for p in partitions])
        self.positions.assign(starts)
        self._changed = True
        (consumer.incremental_assign if self._incremental else consumer.assign)(_with_offsets(starts))
        _log.info("partitions assigned", partitions=_names(partitions))

    def _revoked(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Everything read before is committed by now: batches are finished between two reads."""
        self._forget(partitions)
        _log.info("partitions revoked", partitions=_names(partitions))

    def _lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._forget(partitions)
        _log.warning("partitions lost", partitions=_names(partitions))

    def _forget(self, partitions: Iterable[TopicPartition]) -> None:
        self.positions.revoke(Partition(p.topic, p.partition) for p in partitions)
        self._changed = True

    def _starts(self, partitions: Sequence[Partition]) -> dict[Partition, Commit]:
        """Where to read from; waits for a dead member's open transaction to end."""
        if not partitions:
            return {}
        asked = [TopicPartition(p.topic, p.number) for p in partitions]
        found = self._patiently(lambda: _without_errors(self._consumer.committed(asked, timeout=_CALL_S)))
        return {Partition(p.topic, p.partition): self._start(p) for p in found}

    def _start(self, found: TopicPartition) -> Commit:
        if found.offset >= 0:
            return Commit(found.offset, found.metadata or "")
        where = TopicPartition(found.topic, found.partition)
        low, _ = self._patiently(lambda: self._consumer.get_watermark_offsets(where, timeout=_CALL_S))
        return Commit(low)

    def _patiently(self, call: Callable[[], T]) -> T:
        deadline = steady_now() + self._policy.start_s
        while True:
            try:
                return call()
            except KafkaException as error:
                unsafe = kind_of(error.args[0]) in (ErrorKind.FENCED, ErrorKind.FATAL)
                if unsafe or steady_now() > deadline:
                    raise RestartNeeded(f"the broker does not answer: {error.args[0].str()}") from None
                _log.warning("waiting for the broker", error=error.args[0].str())
                if self._stop.wait(_PAUSE_S):
                    raise StoppedWaiting from None

    def _without_complaints(self, messages: Sequence[Message]) -> list[Message]:
        for message in messages:
            if message.error() is not None:
                self._complain(message)
        return [message for message in messages if message.error() is None]

    def _complain(self, message: Message) -> None:
        error = message.error()
        if kind_of(error) in (ErrorKind.FENCED, ErrorKind.FATAL) or error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise RestartNeeded(error.str())
        if error.code() in _FORBIDDEN:
            raise UsageError(f"Kafka refuses access: {error.str()}")
        _log.warning("the consumer reports an error", error=error.str())


def _with_strategy(config: Mapping[str, Any], policy: LoopPolicy) -> dict[str, Any]:
    if config.get("group.protocol") == "consumer":
        assignor = "range" if policy.assignment_strategy == "range" else "uniform"
        return {**config, "group.remote.assignor": assignor}
    return {**config, "partition.assignment.strategy": policy.assignment_strategy}


def _is_incremental(config: Mapping[str, Any]) -> bool:
    return bool(config.get("partition.assignment.strategy", "cooperative-sticky") == "cooperative-sticky")


def _without_errors(found: list[TopicPartition]) -> list[TopicPartition]:
    for partition in found:
        if partition.error is not None:
            raise KafkaException(partition.error)
    return found


def _with_offsets(starts: Mapping[Partition, Commit]) -> list[TopicPartition]:
    return [TopicPartition(p.topic, p.number, commit.offset) for p, commit in starts.items()]


def _names(partitions: Iterable[TopicPartition]) -> list[str]:
    return [f"{p.topic}/{p.partition}" for p in partitions]
