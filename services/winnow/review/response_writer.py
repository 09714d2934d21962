"""Writes reviewers' responses to Kafka and returns only when they are safe there."""

import logging
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from winnow.runtime.errors import TransientError
from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode
from winnow_schemas.review_responses import ReviewResponse

DELIVERED_WITHIN_S = 8.0


class ResponseWriter:
    """An idempotent producer, and a thread that serves its delivery reports."""

    def __init__(self, settings: Settings) -> None:
        config = settings.producer_config(None) | {
            "delivery.timeout.ms": int(DELIVERED_WITHIN_S * 1000),
            "linger.ms": 0,
        }
        self._topic = settings.topics["review-responses"]
        self._producer = Producer(config, logger=logging.getLogger("winnow.kafka"))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="response delivery", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=2)
        self._producer.flush(2)

    def write(self, response: ReviewResponse, partition: int | None) -> None:
        """Into the partition of its request; without one, where its record's key belongs.

        Raises `TransientError` when Kafka does not take it: the same response may then be written again.
        """
        delivered: Future[None] = Future()

        def report(error: KafkaError | None, _message: Message) -> None:
            if error is None:
                delivered.set_result(None)
            else:
                delivered.set_exception(TransientError(f"the answer was not written: {error.str()}"))

        where = {} if partition is None else {"partition": partition}
        try:
            self._producer.produce(
                self._topic, encode(response), response.record_id.encode(), on_delivery=report, **where
            )
            delivered.result(DELIVERED_WITHIN_S + 2)
        except (KafkaException, BufferError, FutureTimeout) as error:
            raise TransientError(f"the answer was not written: {error}") from None

    def _serve(self) -> None:
        while not self._stop.is_set():
            self._producer.poll(0.1)
