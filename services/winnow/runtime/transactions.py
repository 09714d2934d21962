"""The producing side: messages and offsets in one Kafka transaction, or nothing of both."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

import structlog
from confluent_kafka import KafkaException, Producer, TopicPartition

from winnow.runtime.error_kinds import kind_of
from winnow.runtime.errors import RestartNeeded, StoppedWaiting
from winnow.runtime.messages import Commit, Headers, Outgoing, Partition
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.recovery import Next, Remedy, TransactionAborted, TransactionRecovery
from winnow.runtime.steady_clock import steady_now

_log = structlog.get_logger(__name__)
_PAUSE_S = 0.1
_LOOK_EVERY_S = 1.0
_ANY_PARTITION = -1


class Transactions:
    """Every failure ends in one of three ways: tried again, `TransactionAborted` or `RestartNeeded`.

    The client's calls may take longer than they are told to (requests in flight are waited for);
    see `watchdog` for what bounds them.
    """

    def __init__(self, producer_config: Mapping[str, Any], policy: LoopPolicy) -> None:
        self._recovery = TransactionRecovery(policy)
        self._start_s = policy.start_s
        own = {"delivery.report.only.error": True}
        self._producer = Producer({**producer_config, **own}, logger=logging.getLogger("winnow.kafka"))

    def open(self, stop: threading.Event) -> None:
        """Take over the transactional id: whatever a predecessor left open is aborted."""
        deadline = steady_now() + self._start_s
        while not stop.is_set():
            try:
                self._producer.init_transactions(_LOOK_EVERY_S)
            except KafkaException as error:
                if not error.args[0].retriable() or steady_now() > deadline:
                    raise RestartNeeded(f"transactions cannot be opened: {error.args[0].str()}") from None
                _log.warning("waiting for the broker", error=error.args[0].str())
                stop.wait(_PAUSE_S)
            else:
                return
        raise StoppedWaiting

    def run(
        self,
        outgoing: Iterable[Outgoing],
        commits: Mapping[Partition, Commit],
        group: Callable[[], Any],
        stalled: Callable[[], bool],
    ) -> None:
        """One transaction; when `stalled` turns out true it is aborted rather than committed."""
        self._recovery.began(steady_now())
        self._call(self._producer.begin_transaction)
        self._produce(outgoing)
        if commits:
            offsets = [TopicPartition(p.topic, p.number, c.offset, c.metadata) for p, c in commits.items()]
            self._call(lambda: self._producer.send_offsets_to_transaction(offsets, group(), self._left_s()))
        if stalled():
            self._abort("this process was stopped for too long")
        self._call(lambda: self._producer.commit_transaction(self._left_s()))

    def serve(self) -> None:
        """Let the client do its housekeeping."""
        self._producer.poll(0)

    def _produce(self, outgoing: Iterable[Outgoing]) -> None:
        produce = self._producer.produce
        for topic, value, key, partition, headers in outgoing:
            where = _ANY_PARTITION if partition is None else partition
            try:
                if headers:
                    self._produce_with_headers(topic, value, key, where, headers)
                else:
                    produce(topic, value, key, where)
            except BufferError:
                self._produce_patiently(topic, value, key, where, headers)
            except KafkaException as error:
                self._follow(self._recovery.refused(kind_of(error.args[0])), error.args[0].str())

    def _produce_with_headers(
        self, topic: str, value: bytes | None, key: bytes | None, where: int, headers: Headers
    ) -> None:
        self._producer.produce(topic, value, key, where, headers=list(headers))

    def _produce_patiently(
        self, topic: str, value: bytes | None, key: bytes | None, where: int, headers: Headers
    ) -> None:
        deadline = steady_now() + self._left_s()
        while steady_now() < deadline:
            self._producer.poll(_PAUSE_S)
            try:
                return self._produce_with_headers(topic, value, key, where, headers)
            except BufferError:
                continue
        raise RestartNeeded("the broker takes no messages: the producer's queue stays full")

    def _call(self, call: Callable[[], object]) -> None:
        while True:
            try:
                call()
            except KafkaException as error:
                self._follow(self._recovery.failed(kind_of(error.args[0]), steady_now()), error.args[0].str())
            else:
                return

    def _follow(self, following: Next, why: str) -> None:
        if following.remedy is Remedy.RESTART:
            raise RestartNeeded(f"the transaction cannot be finished: {why}")
        if following.remedy is Remedy.ABORT:
            self._abort(why)
        time.sleep(following.after_s)

    def _abort(self, why: str) -> NoReturn:
        self._recovery.aborts(steady_now())
        while True:
            try:
                self._producer.abort_transaction(self._left_s())
            except KafkaException as error:
                following = self._recovery.failed(kind_of(error.args[0]), steady_now())
                if following.remedy is not Remedy.RETRY:
                    raise RestartNeeded(f"cannot abort ({why}): {error.args[0].str()}") from None
                time.sleep(following.after_s)
            else:
                raise TransactionAborted(why)

    def _left_s(self) -> float:
        return self._recovery.left_s(steady_now())
