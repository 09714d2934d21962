"""Sends records, and keeps at most so many of them unanswered."""

from collections.abc import Callable
from typing import Self

from confluent_kafka import KafkaError, Message, Producer

from winnow.cli.failures import CommandFailed
from winnow.cli.open_records import OpenRecords
from winnow.cli.outcome_feed import Ended, OutcomeFeed
from winnow.runtime.settings import Settings

FLUSH_S = 60.0
LISTEN_S = 0.05
Listener = Callable[[Ended], None]


class RecordSender:
    """With `max_open`, `send` waits while that many records have no outcome; `listener` hears of each outcome."""

    def __init__(self, settings: Settings, max_open: int | None, listener: Listener | None = None) -> None:
        self._topic = settings.topics["records"]
        self._producer = Producer(settings.producer_config(None))
        self._require_topic()
        self._feed = OutcomeFeed(settings) if max_open is not None else None
        self._max_open = max_open
        self._listener = listener
        self._records = OpenRecords()
        self._failure: KafkaError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._feed is not None:
            self._feed.__exit__()

    @property
    def open(self) -> int:
        """Records sent without an outcome so far; only known with `max_open`."""
        return self._records.open

    @property
    def sent(self) -> int:
        """Records handed over so far."""
        return self._records.sent

    @property
    def has_room(self) -> bool:
        """Whether `send` would not have to wait."""
        return self._max_open is None or self._records.open < self._max_open

    def send(self, key: bytes | None, value: bytes) -> None:
        """Hand one record over, as soon as there is room for it."""
        while not self.has_room:
            self.listen()
        self._records.sending()
        while True:
            try:
                self._producer.produce(self._topic, value=value, key=key, on_delivery=self._delivered)
            except BufferError:
                self._producer.poll(LISTEN_S)
            else:
                break
        self._producer.poll(0)
        self._check()

    def listen(self) -> None:
        """Hear what became of records meanwhile; takes a moment."""
        self._producer.poll(0)
        self._check()
        for ended in self._feed.poll(LISTEN_S) if self._feed else ():
            self._records.ended(ended.position)
            if self._listener:
                self._listener(ended)

    def flush(self) -> None:
        """Return when the broker has all records; raises `CommandFailed`."""
        left = self._producer.flush(FLUSH_S)
        self._check()
        if left:
            raise CommandFailed(f"{left} records were not taken within {FLUSH_S:.0f} s: is the broker up?")

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._failure = error
            self._records.failed()
        else:
            self._records.delivered((int(message.partition()), int(message.offset())))

    def _check(self) -> None:
        if self._failure is not None:
            raise CommandFailed(f"the broker did not take a record: {self._failure.str()}")

    def _require_topic(self) -> None:
        found = self._producer.list_topics(self._topic, timeout=10).topics[self._topic]
        if found.error is not None:
            raise CommandFailed(f"topic {self._topic} is not there: make it with `winnow topics create`")
