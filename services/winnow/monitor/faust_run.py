"""Runs the Faust application inside this process: no Faust worker, no command line, no signals of its own."""

import asyncio
import tempfile
import threading
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka.errors import KafkaError
from faust.exceptions import FaustError

from winnow.monitor.evidence_worker import EvidenceWorker
from winnow.monitor.faust_app import evidence_topic, make_app, make_table
from winnow.monitor.settings import MonitorPolicy
from winnow.monitor.wiring import Wiring
from winnow.runtime.errors import RestartNeeded
from winnow.runtime.settings import Settings
from winnow.runtime.steady_clock import steady_now

_LOOK_S = 0.05
_log = structlog.get_logger(__name__)


def run(settings: Settings, policy: MonitorPolicy, wiring: Wiring, stop: threading.Event) -> None:
    """Until `stop` is set; raises what went wrong (`RestartNeeded` when Faust or the cluster did)."""
    with tempfile.TemporaryDirectory(prefix="winnow-monitor-") as directory:
        asyncio.run(_Run(settings, policy, wiring, Path(directory)).until(stop))


class _Run:
    def __init__(self, settings: Settings, policy: MonitorPolicy, wiring: Wiring, directory: Path) -> None:
        self._policy = policy
        self._wiring = wiring
        self._app = make_app(settings, policy.session_timeout_s, directory)
        self._worker = _make_worker(self._app, settings, wiring)

    async def until(self, stop: threading.Event) -> None:
        starting = asyncio.create_task(self._app.start())
        keeping = asyncio.create_task(self._worker.keep(self._policy.write_every_s, self._policy.most_ahead // 2))
        try:
            await self._watch(starting, stop)
            await self._worker.write_state()
        except (KafkaError, FaustError, TimeoutError) as error:
            raise RestartNeeded(f"the cluster did not do what it was asked: {error!r}") from error
        finally:
            self._wiring.ready(False)
            keeping.cancel()
            starting.cancel()
            await self._leave()

    async def _watch(self, starting: "asyncio.Task[None]", stop: threading.Event) -> None:
        deadline = steady_now() + self._policy.recover_within_s
        while not stop.is_set():
            self._raise_failures(starting)
            if not self._worker.recovering:
                deadline = steady_now() + self._policy.recover_within_s
            elif steady_now() > deadline:
                raise RestartNeeded(f"the state was not recovered within {self._policy.recover_within_s:g} s")
            if self._worker.must_settle and not self._app.rebalancing:
                await self._worker.settle()
            self._wiring.ready(self._worker.ready)
            self._wiring.progress()
            await asyncio.sleep(_LOOK_S)

    def _raise_failures(self, starting: "asyncio.Task[None]") -> None:
        if self._worker.failure is not None:
            raise self._worker.failure
        crash = self._app.crash_reason or (starting.exception() if starting.done() else None)
        if crash is not None:
            raise RestartNeeded(f"Faust crashed: {crash!r}") from crash

    async def _leave(self) -> None:
        try:
            await asyncio.wait_for(self._app.stop(), self._policy.stop_within_s)
        except TimeoutError:
            _log.warning("faust_did_not_stop", within_s=self._policy.stop_within_s)


def _make_worker(app: faust.App, settings: Settings, wiring: Wiring) -> EvidenceWorker:
    table = make_table(app)
    worker = EvidenceWorker(app, table, app.transport.evidence, wiring)
    app.agent(evidence_topic(app, settings), name="fold")(worker.run)
    table.on_recover(worker.recovered)
    app.transport.start = worker.start

    async def revoked(*_: Any, **__: Any) -> None:
        await worker.suspend()

    app.on_partitions_revoked.connect(revoked, weak=False)
    app.finalize()
    return worker
