"""Reads `verdicts` from an offset on: one partition, no group, nothing committed (the snapshots say how far)."""

import logging
from types import TracebackType
from typing import Self

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from winnow.runtime.consumed import incoming
from winnow.runtime.error_kinds import ErrorKind, kind_of
from winnow.runtime.errors import RestartNeeded, TransientError, UsageError
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings

_log = structlog.get_logger(__name__)
_CALL_S = 10.0
_AT_ONCE = 500
_WAIT_S = 0.05


class VerdictReader:
    """Raises `UsageError` when the topic ends before `first`: then it is not the one the models have learned."""

    def __init__(self, settings: Settings, first: int) -> None:
        config = settings.consumer_config(f"{settings.prefix}.learner") | {"enable.partition.eof": True}
        self._consumer = Consumer(config, logger=logging.getLogger("winnow.kafka"))
        self._where = TopicPartition(settings.topics["verdicts"], 0, first)
        self.caught_up = False

    def start(self) -> None:
        """Begin to read."""
        try:
            low, high = self._consumer.get_watermark_offsets(TopicPartition(self._where.topic, 0), timeout=_CALL_S)
        except KafkaException as error:
            raise TransientError(f"the broker does not answer: {error.args[0].str()}") from None
        if self._where.offset > high:
            raise UsageError(
                f"{self._where.topic} ends at {high}, but the models have learned up to {self._where.offset}: it was "
                "made anew; delete and create the topic models too, so that they learn from the beginning"
            )
        self._where.offset = max(self._where.offset, low)
        self._consumer.assign([self._where])

    def take(self) -> list[Incoming]:
        """What has arrived, after a short wait."""
        messages = self._consumer.consume(_AT_ONCE, _WAIT_S)
        return incoming(message for message in messages if message.error() is None or self._complain(message))

    def _complain(self, message: Message) -> bool:
        error = message.error()
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's own name for it
            self.caught_up = True
        elif kind_of(error) in {ErrorKind.FENCED, ErrorKind.FATAL}:
            raise RestartNeeded(error.str())
        elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise UsageError(f"topic {self._where.topic} is not there: run `winnow topics create`")
        else:
            _log.warning("the consumer reports an error", error=error.str())
        return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()
