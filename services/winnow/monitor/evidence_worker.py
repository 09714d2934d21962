"""Between Faust and the fold: feeds it evidence, sends what it issues, keeps its state in the table.

What makes it exact although Faust is not: the state of an offset is written only when everything
issued up to it is out (so a kill loses nothing), and what a restart issues once more is passed over
(see `published`). Whatever goes wrong here ends the process: Faust by itself would start the agent
again *behind* the evidence that failed.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from typing import Any

import faust
import structlog
from faust.types import TP, StreamT

from winnow.monitor.evidence_topic import EvidenceTopic
from winnow.monitor.figures import report
from winnow.monitor.state_entries import HEAD, head_entry, kept_state, slot_entries, slot_names
from winnow.monitor.wiring import Fold, Wiring
from winnow.runtime.errors import RestartNeeded, UsageError
from winnow.runtime.messages import Incoming, Outgoing
from winnow.runtime.steady_clock import steady_now

_SEEK_AGAIN_S = 1.0
_log = structlog.get_logger(__name__)


class EvidenceWorker:
    """One per process. `failure` is what ended its work, `recovering` whether it waits for its state."""

    def __init__(self, app: faust.App, table: "faust.Table[bytes, bytes]", evidence: TP, wiring: Wiring) -> None:
        self._app = app
        self._table = table
        self._evidence = evidence
        self._wiring = wiring
        self._fold: Fold | None = None
        self._topic = EvidenceTopic("", 0)
        self._kept_offset = -1
        self._sent: list[Awaitable[Any]] = []
        self._turn = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._sought_at = 0.0
        self._unkept = 0
        self._keep_after = 1
        self._keep_now = asyncio.Event()
        self._unsettled = False
        self._has_lost = False
        self.recovering = True
        self.failure: BaseException | None = None

    @property
    def ready(self) -> bool:
        """Whether the table is recovered and evidence is being folded."""
        return self._fold is not None and self.failure is None

    @property
    def must_settle(self) -> bool:
        """Whether evidence was lost inside Faust, or may be; at most once in a while."""
        return self._unsettled or (self._has_lost and steady_now() - self._sought_at > _SEEK_AGAIN_S)

    def start(self) -> int | None:
        """Where reading goes on; None when nothing is folded."""
        return None if self._fold is None else self._fold.next_offset

    async def run(self, stream: "StreamT[bytes]") -> None:
        """The agent."""
        offset = -1
        try:
            async for event in stream.events():
                for record in self._app.consumer.bundles.untie(event.message.offset):
                    offset = record.offset
                    await self._take(record)
                await asyncio.sleep(0)  # others have their turn, however much evidence there is
        except Exception as error:  # noqa: BLE001 - Faust would go on behind the evidence that failed
            self.fail(error, offset)

    async def recovered(self) -> None:
        """Called by Faust when the table is recovered, before reading of the evidence starts."""
        try:
            await self._rebuild()
        except Exception as error:  # noqa: BLE001 - Faust throws away what is raised here
            self.fail(error, -1)

    async def settle(self) -> None:
        """Seek once more when Faust has done everything that may lose messages: see `evidence_chain`."""
        if self._has_lost and self._fold is not None:
            _log.info("evidence_read_again", offset=self._fold.next_offset)
        self._unsettled = self._has_lost = False
        self._sought_at = steady_now()
        await self._app.consumer.perform_seek()

    async def suspend(self) -> None:
        """The partition is being taken away: nothing more is folded until the next recovery."""
        self._fold = None
        self.recovering = True
        self._app.consumer.chain.forget()
        async with self._writing:
            pass

    async def keep(self, every_s: float, after: int) -> None:
        """Write the state again and again: so often, and when so much evidence was folded since.

        Folding goes on meanwhile; it waits for the writing only when the fold must be kept before it goes on.
        """
        self._keep_after = after
        try:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._keep_now.wait(), every_s)
                self._keep_now.clear()
                await self.write_state()
        except Exception as error:  # noqa: BLE001 - nothing may go on when the state cannot be kept
            self.fail(error, -1)

    async def write_state(self) -> None:
        """Put the state as it is now into the table, when everything issued up to it is out."""
        async with self._writing:
            async with self._turn:
                if self._fold is None or self._fold.next_offset - 1 == self._kept_offset:
                    return
                change, self._unkept = self._fold.change(), 0
                sent, self._sent = self._sent, []
            await asyncio.gather(*sent)
            self._refuse_when_stalled()
            await asyncio.gather(*[await self._put(key, value) for key, value in slot_entries(change.slots)])
            await (await self._put(HEAD, head_entry(self._topic.id, change.offset, change.head)))
            self._kept_offset = change.offset
            await self._app.consumer.commit_start(self._evidence, change.offset + 1)

    def fail(self, error: BaseException, offset: int) -> None:
        """Remember the first failure; whoever runs the process ends it."""
        if self.failure is None:
            error.add_note(f"evidence offset {offset}")
            self.failure = error
            self._fold = None

    async def _take(self, message: Any) -> None:
        consumer = self._app.consumer
        async with self._turn:
            if (fold := self._fold) is None or message.offset < fold.next_offset:
                return
            follows = consumer.chain.before(message.offset) == fold.next_offset - 1
            if follows:
                self._refuse_when_stalled()
                end = consumer.highwater(self._evidence) or 0
                await self._send(fold.handle(_incoming(message), end))
                consumer.chain.taken(message.offset)
                report(message.offset, end)
                self._note_unkept()
        self._has_lost = self._has_lost or not follows
        if fold.must_keep:
            await self.write_state()

    def _note_unkept(self) -> None:
        self._unkept += 1
        if self._unkept >= self._keep_after:
            self._keep_now.set()

    def _refuse_when_stalled(self) -> None:
        if self._wiring.stalled():
            raise RestartNeeded("the process did not run for a while and may have lost its partition")

    async def _send(self, messages: Iterable[Outgoing]) -> None:
        for topic, value, key, partition, headers in messages:
            self._sent.append(await self._app.producer.send(topic, key, value, partition, None, list(headers)))

    async def _put(self, key: bytes, value: bytes) -> Awaitable[Any]:
        """Into the table and its changelog; not by `table[key] = value`, which hides whether it was written."""
        self._table.data[key] = value
        changelog = self._table.changelog_topic.get_topic_name()
        return await self._app.producer.send(changelog, key, value, self._evidence.partition, None, None)  # type: ignore[no-any-return]

    async def _rebuild(self) -> None:
        self._sent = []
        if self._evidence in self._app.consumer.assignment():
            self._wiring.recovered()
            fold = await self._recovered_fold()
            self._skip_what_is_gone(fold)
            self._kept_offset = fold.next_offset - 1
            self._fold = fold
            self._unsettled = True
            _log.info("monitor_recovered", next_offset=fold.next_offset)
        else:
            _log.info("monitor_waits", reason="another monitor has the evidence")
        self.recovering = False

    async def _recovered_fold(self) -> Fold:
        published = await asyncio.to_thread(self._wiring.read_published)
        self._topic = await asyncio.to_thread(self._wiring.evidence_topic)
        fold = self._wiring.make_fold(published)
        kept = kept_state(self._table.data)
        if kept is None:
            return fold
        if kept.evidence != self._topic.id:
            raise UsageError(
                f"{self._evidence.topic} was made anew since the monitor saw it: delete and create all topics of this "
                f"prefix (and {self._table.changelog_topic.get_topic_name()}), or take another prefix"
            )
        try:
            fold.restore(kept)
        except ValueError as error:
            _log.warning("monitor_state_lost", reason=str(error), action="fold all evidence that is there")
            fold = self._wiring.make_fold(published)
            fold.clear(slot_names(self._table.data))
        return fold

    def _skip_what_is_gone(self, fold: Fold) -> None:
        if self._topic.first > fold.next_offset:
            _log.warning("evidence_is_gone", first=fold.next_offset, last=self._topic.first - 1)
            fold.skip_to(self._topic.first)


def _incoming(message: Any) -> Incoming:
    """From aiokafka's."""
    return Incoming(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        (message.timestamp or 0) / 1000.0,
        tuple(message.headers or ()),
    )
