"""Writes seeded verdicts, each once however often its file is given."""

from datetime import datetime
from typing import Self

from confluent_kafka import KafkaException, Producer

from winnow.cli.failures import CommandFailed
from winnow.cli.seed_verdicts import Seeded, seed_key, seed_verdict
from winnow.cli.topic_reader import TopicReader
from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode

TRANSACTION_OF = 500
CALL_S = 30.0


class SeedWriter:
    """One transactional producer of a stable name: it fences its predecessor, then reads what is there already.

    `written` and `known` count records that were new and that had been taught before.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topics["verdicts"]
        self.written = 0
        self.known = 0
        self._in_transaction = 0
        self._producer = Producer(settings.producer_config(f"{settings.prefix}.seed"))
        self._producer.init_transactions(CALL_S)
        with TopicReader(settings, (self._topic,), "beginning") as reader:
            self._keys = {message.key for message in reader.read_to_end()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._in_transaction:
            self._producer.abort_transaction(CALL_S)

    def write(self, seeded: Seeded, now: datetime) -> None:
        """One labelled record, unless it was seeded before."""
        key = seed_key(seeded)
        if key in self._keys:
            self.known += 1
            return
        self._keys.add(key)
        if not self._in_transaction:
            self._producer.begin_transaction()
        self._producer.produce(self._topic, key=key, value=encode(seed_verdict(seeded, now)))
        self._in_transaction += 1
        self.written += 1
        if self._in_transaction >= TRANSACTION_OF:
            self.finish()

    def finish(self) -> None:
        """Commit what is not yet committed; raises `CommandFailed`."""
        if not self._in_transaction:
            return
        try:
            self._producer.commit_transaction(CALL_S)
        except KafkaException as error:
            why = error.args[0].str()
            raise CommandFailed(f"not all was written ({why}): run it again, nothing is taught twice") from None
        self._in_transaction = 0
