"""Faust's Kafka transport, changed in four places.

It reads committed messages only: Faust reads uncommitted ones unless it runs `exactly_once` (which
doubles messages when killed), so evidence of an aborted transaction would be counted. It starts where
the application says, and not at the offsets committed for the group, which a table recovered from
its changelog may be ahead of or behind. And a fetch waits a moment only, where Faust's holds up
whatever else is asked of the broker for a second and a half. What it sends is neither doubled nor
reordered by retries.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import aiokafka
from faust.transport.consumer import RecordMap
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from winnow.monitor.bundles import Bundles
from winnow.monitor.evidence_chain import EvidenceChain, ReadOffsets

_LONGEST_WAIT_S = 0.05
_CONSUMER = {"_isolation_level": "read_committed", "_fetch_max_wait_ms": 100}
"""What aiokafka's consumer reads when it starts, and no setting of Faust's reaches."""


class CommittedOnlyThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread that owns aiokafka's consumer."""

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        for name, value in _CONSUMER.items():
            if not hasattr(consumer, name):
                raise RuntimeError(f"this aiokafka has no {name}: evidence could be read uncommitted")
            setattr(consumer, name, value)
        return consumer


class CommittedOnlyConsumer(driver.Consumer):  # type: ignore[misc]
    """A consumer that starts where the application says; `chain` links what is fetched from there, `bundles` holds it.

    Never fetches while it seeks: one could not tell what such a fetch gave.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chain = EvidenceChain()
        self.bundles = Bundles()
        self._fetching = asyncio.Lock()
        self._read_offset = ReadOffsets(self.transport.evidence)

    def _new_consumer_thread(self) -> CommittedOnlyThread:
        return CommittedOnlyThread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> RecordMap:  # noqa: ASYNC109 - Faust's
        async with self._fetching:
            records = await super()._getmany(active_partitions, min(timeout, _LONGEST_WAIT_S))
            evidence = records.get(self.transport.evidence, ())
            self.chain.fetched(record.offset for record in evidence)
            return {**records, self.transport.evidence: self.bundles.tie(evidence)} if evidence else records

    async def perform_seek(self) -> None:
        """Called by Faust when tables are recovered and whenever fetched messages were thrown away, and by us."""
        evidence = self.transport.evidence
        async with self._fetching:
            start = self.transport.start()
            if start is not None and evidence in self.assignment():
                await self.seek_wait({evidence: start})
                self.chain.sought(start)
                self.bundles.sought(start)

    async def commit_start(self, tp: TP, offset: int) -> None:
        """Tell the group where a restart would begin: for lag displays, nothing relies on it."""
        if tp in self.assignment():
            await self._commit({tp: offset})


class ExactProducer(driver.Producer):  # type: ignore[misc]
    """Faust asks for idempotence only when it runs `exactly_once`."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"enable_idempotence": self.transport.idempotent}


class CommittedOnlyTransport(driver.Transport):  # type: ignore[misc]
    """Makes the consumers and producers above.

    `start` says where the evidence is to be read from (None: not now); without `idempotent` (the
    embedded broker does not understand aiokafka there) retries may double messages.
    """

    Consumer = CommittedOnlyConsumer
    Producer = ExactProducer

    def __init__(self, *args: Any, evidence: TP, idempotent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.evidence = evidence
        self.idempotent = idempotent
        self.start: Callable[[], int | None] = lambda: None
