"""The dashboard as a process, and a hand that writes metrics for it."""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx
from confluent_kafka import Producer
from tests.support.child_process import end_child, start_child
from tests.support.environment import as_environment
from tests.support.waiting import eventually

from winnow.demo.free_port import free_ports
from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode
from winnow_schemas.metrics import Metric

if TYPE_CHECKING:
    import subprocess


class RunningDashboard:
    """Started by `start`; ended with the test at the latest."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.settings = settings
        self.port = free_ports(1)[0]
        self.log = directory / "dashboard.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._producer = Producer(settings.producer_config(None))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start (again) and wait until it has read the topic to its end."""
        environment = as_environment(self.settings, WINNOW_HTTP__PORT=str(self.port))
        command = [sys.executable, "-m", "winnow.dashboard"]
        self._process = start_child(command, output=self.log, environment=environment)
        eventually(self.is_ready, within_s=60, what="the dashboard being ready")

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        assert self._process is not None
        return end_child(self._process)

    def send(self, metrics: Iterable[Metric]) -> None:
        """Write metrics, and wait until the broker has them."""
        self.send_raw(encode(metric) for metric in metrics)

    def send_raw(self, values: Iterable[bytes | None]) -> None:
        for value in values:
            self._producer.produce(self.settings.topics["metrics"], value, b"a key")
        assert self._producer.flush(30) == 0

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.address + path, timeout=10)

    def board(self) -> dict[str, Any]:
        """The page's figures, as JSON."""
        return self.get("/v1/board").json()["figures"]

    def is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            return self.get("/readyz").is_success
        except httpx.TransportError:
            return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            end_child(self._process)
        del self._producer
        if error is not None and self.log.exists():
            error.add_note(self.log.read_text()[-3000:])
