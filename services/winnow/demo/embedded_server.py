"""A server program inside this machine: started on a free port, ready when entered, gone without a trace when left."""

import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from winnow.demo.free_port import free_port
from winnow.demo.process_guard import GuardedProcess
from winnow.runtime.errors import UsageError

_READY_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.02
_STARTS = 3
"""Somebody may take the free port before the server does."""


class EmbeddedServer(ABC):
    """A context manager. What it keeps is in a temporary `directory`; raises `UsageError` when it does not start."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._temporary = tempfile.TemporaryDirectory(prefix=f"winnow-{name.lower()}-", ignore_cleanup_errors=True)
        self.directory = Path(self._temporary.name)
        self._process: GuardedProcess | None = None

    def __enter__(self) -> Self:
        for _ in range(_STARTS):
            if self._start():
                return self
        last = self._process.last_words() if self._process else ""
        self.close()
        raise UsageError(f"the embedded {self._name} does not start: {last}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the server; everything in it is gone."""
        if self._process is not None:
            self._process.close()
        self._temporary.cleanup()

    @abstractmethod
    def _command(self, port: int) -> Sequence[str]:
        """How to run it on this port of the loopback."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it takes requests."""

    def _environment(self) -> Mapping[str, str] | None:
        """Its environment; None for ours."""
        return None

    def _start(self) -> bool:
        command = self._command(free_port())
        self._process = GuardedProcess(command, self.directory / "server.log", self._environment())
        deadline = time.monotonic() + _READY_WITHIN_S
        while self._process.is_running and time.monotonic() < deadline:
            if self._answers():
                return self._process.is_running
            time.sleep(_LOOK_EVERY_S)
        self._process.close()
        return False
