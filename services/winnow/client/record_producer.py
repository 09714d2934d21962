"""Sends records: checked before they leave, keyed by their id, and no failed delivery goes unnoticed."""

from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode_record, validate_record
from winnow_schemas.records import Record

FLUSH_S = 60.0
_ROOM_WITHIN_S = 0.1


class NotDelivered(Exception):
    """The broker did not take a record; `record_id` is None for one that has no id."""

    def __init__(self, record_id: str | None, reason: str) -> None:
        super().__init__(f"record {record_id or 'without id'} was not delivered: {reason}")
        self.record_id = record_id


class RecordProducer:
    """A context manager; leaving it waits for the broker. Not for several threads.

    A record that is sent twice after an error is labelled twice under the same id, and the newest
    decision counts.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topics["records"]
        self._producer = Producer(settings.producer_config(None))
        self._failures: list[NotDelivered] = []

    def send(self, record: Record) -> None:
        """Hand one record over; it leaves within milliseconds.

        Raises `InvalidMessage` when this record breaks the contract, and `NotDelivered` when an
        earlier one did not arrive. Waits while the producer's buffer is full.
        """
        value = encode_record(validate_record(record))
        record_id = record.get("id")
        key = record_id.encode() if record_id is not None else None
        while not self._offered(key, value, record_id):
            self._producer.poll(_ROOM_WITHIN_S)
            self._check()
        self._producer.poll(0)
        self._check()

    def flush(self, timeout_s: float = FLUSH_S) -> None:
        """Return when the broker has everything; raises `NotDelivered`."""
        left = self._producer.flush(timeout_s)
        self._check()
        if left:
            raise NotDelivered(None, f"{left} records were not taken within {timeout_s:g} s: is the broker up?")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.flush()

    def _offered(self, key: bytes | None, value: bytes, record_id: str | None) -> bool:
        def delivered(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                self._failures.append(NotDelivered(record_id, error.str()))

        try:
            self._producer.produce(self._topic, value=value, key=key, on_delivery=delivered)
        except BufferError:
            return False
        except KafkaException as error:
            raise NotDelivered(record_id, error.args[0].str()) from None
        return True

    def _check(self) -> None:
        if self._failures:
            first = self._failures[0]
            self._failures.clear()
            raise first
