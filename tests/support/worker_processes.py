"""Worker processes that tests kill, stop and wake up, and that are started again as a supervisor would."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tests.support.child_process import start_child
from tests.support.environment import as_environment

if TYPE_CHECKING:
    import subprocess

    from winnow.runtime.settings import Settings


class Workers:
    """One process per slot, each running `python -m MODULE ARGUMENT...`."""

    def __init__(self, settings: "Settings", directory: Path, module: str, arguments: Sequence[str]) -> None:
        self._settings = settings
        self._directory = directory
        self._command = [sys.executable, "-m", module, *arguments]
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, slot: str) -> None:
        """Start (again) the worker of this slot."""
        environment = as_environment(self._settings, WINNOW_SLOT=slot)
        self._running[slot] = start_child(self._command, output=self.log_file(slot), environment=environment)

    def kill(self, slot: str) -> None:
        """kill -9."""
        self._running[slot].kill()
        self._running[slot].wait()

    def signal(self, slot: str, number: signal.Signals) -> None:
        """Send any signal."""
        self._running[slot].send_signal(number)

    def wait(self, slot: str, within_s: float) -> int:
        """Wait for its end; the exit code."""
        return self._running[slot].wait(within_s)

    def start_the_ended(self) -> list[int]:
        """What a supervisor does: start again those that ended; their exit codes."""
        ended = {slot: code for slot, process in self._running.items() if (code := process.poll()) is not None}
        for slot in ended:
            self.start(slot)
        return list(ended.values())

    def log_file(self, slot: str) -> Path:
        """Everything the slot's processes printed."""
        return self._directory / f"worker.{slot}.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait()
        if error is not None:
            for slot in self._running:
                error.add_note(f"worker {slot}: {self.log_file(slot).read_text(errors='replace')[-3000:]}")
