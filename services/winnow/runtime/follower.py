"""Reads whole compacted topics from their beginnings, and then what comes. No group, no thread."""

import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from winnow.runtime.consumed import incoming
from winnow.runtime.error_kinds import ErrorKind, kind_of
from winnow.runtime.errors import RestartNeeded, TransientError, UsageError
from winnow.runtime.messages import Incoming, Partition
from winnow.runtime.process import raise_if_stopped
from winnow.runtime.settings import Settings
from winnow.runtime.steady_clock import steady_now

_log = structlog.get_logger(__name__)
_CALL_S = 5.0
_AT_ONCE = 1000
_MOST_AT_ONCE = 10_000
_WAIT_S = 0.02


class Follower:
    """Messages of aborted transactions are never seen. Each message is returned once, in order per partition.

    Starts lazily: a broker that does not answer or a topic that is missing shows at the first read
    (`TransientError`, `UsageError`), and the next read tries again.
    """

    def __init__(self, settings: Settings, topic_names: Sequence[str]) -> None:
        config = settings.consumer_config(f"{settings.prefix}.follower") | {"enable.partition.eof": True}
        self._topics = list(topic_names)
        self._consumer = Consumer(config, logger=logging.getLogger("winnow.kafka"))
        self._next: dict[Partition, int] = {}
        self._not_at_end: set[Partition] = set()
        self._unread: list[Incoming] = []

    def read_to_end(self, timeout_s: float) -> list[Incoming]:
        """Everything up to the ends as they are now.

        Raises `TransientError` when that takes longer, `StoppedWaiting` when the process is asked to end
        meanwhile; nothing is lost in either case.
        """
        deadline = steady_now() + timeout_s
        self._start()
        self._ask_for_ends()
        while self._not_at_end:
            raise_if_stopped()
            if steady_now() > deadline:
                raise TransientError(f"could not read {', '.join(self._topics)} to the end within {timeout_s:g} s")
            self._take(_WAIT_S)
        return self._all_unread()

    def poll(self) -> list[Incoming]:
        """What has arrived, without waiting."""
        self._start()
        while len(self._unread) < _MOST_AT_ONCE and self._take(0.0):
            pass
        return self._all_unread()

    def close(self) -> None:
        """Give the connections back."""
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        if self._next:
            return
        partitions = [partition for topic in self._topics for partition in self._partitions(topic)]
        self._next = dict.fromkeys(partitions, OFFSET_BEGINNING)
        self._ask_for_ends()

    def _ask_for_ends(self) -> None:
        """Fetch anew from where we are: each partition then tells its end, which must not be older than this call.

        Asking for the last offset instead would not do: the offsets of transaction markers are never
        read, and the embedded broker answers with the beginning of the last batch.
        """
        self._not_at_end = set(self._next)
        self._consumer.assign([TopicPartition(p.topic, p.number, offset) for p, offset in self._next.items()])

    def _partitions(self, topic: str) -> list[Partition]:
        try:
            found = self._consumer.list_topics(topic, timeout=_CALL_S).topics[topic]
        except KafkaException as error:
            raise TransientError(f"the broker does not answer: {error.args[0].str()}") from None
        if found.error is not None and found.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise UsageError(f"topic {topic} is not there: run `winnow topics create`")
        if found.error is not None or not found.partitions:
            raise TransientError(f"topic {topic} cannot be read now: {found.error}")
        return [Partition(topic, number) for number in found.partitions]

    def _take(self, wait_s: float) -> bool:
        messages = self._consumer.consume(_AT_ONCE, wait_s)
        for message in messages:
            self._note(message)
        return bool(messages)

    def _note(self, message: Message) -> None:
        partition = Partition(message.topic(), message.partition())
        error = message.error()
        if error is None:
            self._unread += incoming([message])
            self._next[partition] = message.offset() + 1
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's own name for it
            self._next[partition] = message.offset()
            self._not_at_end.discard(partition)
        elif kind_of(error) in (ErrorKind.FENCED, ErrorKind.FATAL):
            raise RestartNeeded(error.str())
        else:
            _log.warning("the follower's consumer reports an error", error=error.str())

    def _all_unread(self) -> list[Incoming]:
        messages, self._unread = self._unread, []
        return messages
