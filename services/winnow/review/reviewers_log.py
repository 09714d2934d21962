"""Reads `verdicts` from the beginning and `review-responses` from a day ago, and then what comes.

No group, no commits, no thread: what is read is read by the loop, a piece at each turn, and reading starts when it
is asked for. Messages of aborted transactions are never seen.
"""

from collections.abc import Callable, Sequence

import structlog
from confluent_kafka import OFFSET_BEGINNING, KafkaException, TopicPartition

from winnow.review.topic_reader import ANSWER_S, new_consumer
from winnow.runtime.consumed import incoming
from winnow.runtime.error_kinds import ErrorKind, kind_of
from winnow.runtime.errors import RestartNeeded
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings

BACK_S = 86_400.0

log = structlog.get_logger(__name__)


class KafkaReviewersLog:
    """What tells about reviewers (`ports.ReviewersLog`); used by the loop's thread only."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        config = settings.consumer_config(f"{settings.prefix}.review.reviewers") | {
            "auto.offset.reset": "earliest",
            "queued.max.messages.kbytes": 8 * 1024,
        }
        self._settings = settings
        self._clock = clock
        self._consumer = new_consumer(config)
        self._is_reading = False

    def close(self) -> None:
        """Give the connections back."""
        self._consumer.close()

    def take(self, at_most: int) -> Sequence[Incoming]:
        """What is there, without waiting."""
        if not self._is_reading:
            self._start()
        found = self._consumer.consume(at_most, 0.0)
        for message in found:
            if (error := message.error()) is not None:
                if kind_of(error) in (ErrorKind.FENCED, ErrorKind.FATAL):
                    raise RestartNeeded(error.str())
                log.warning("what tells about reviewers cannot be read now", error=error.str())
        return incoming(message for message in found if message.error() is None)

    def _start(self) -> None:
        topics, since = self._settings.topics, int((self._clock() - BACK_S) * 1000)
        asked = [TopicPartition(topics["review-responses"], n, since) for n in range(self._settings.partitions)]
        try:
            responses = self._consumer.offsets_for_times(asked, timeout=ANSWER_S)
        except KafkaException as error:
            log.warning("what tells about reviewers cannot be read now", error=error.args[0].str())
            return
        self._consumer.assign([TopicPartition(topics["verdicts"], 0, OFFSET_BEGINNING), *responses])
        self._is_reading = True
