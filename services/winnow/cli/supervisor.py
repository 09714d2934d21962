"""Runs services as child processes: starts again what fails, ends all of them in time, leaves none behind."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from winnow.cli.failures import CommandFailed
from winnow.cli.restart_policy import GiveUp, RestartPlan, RestartPolicy
from winnow.demo.process_guard import GuardedProcess

STOP_WITHIN_S = 8.0
LAST_LINES = 3


@dataclass(frozen=True)
class ServiceProcess:
    """How one service is started, and where it prints (None: where we print)."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None = None


class _Child:
    def __init__(self, service: ServiceProcess, policy: RestartPolicy) -> None:
        self.service = service
        self._plan = RestartPlan(policy)
        self._process: GuardedProcess | None = None
        self._start_at: float | None = None

    def start(self, now: float) -> None:
        self._start_at = None
        self._plan.started(now)
        self._process = GuardedProcess(
            self.service.command, self.service.log, self.service.environment, stop_within_s=STOP_WITHIN_S
        )

    def watch(self, now: float) -> str | None:
        """Starts it again when it is time; says what happened, if anything did."""
        if self._start_at is not None:
            if now >= self._start_at:
                self.start(now)
            return None
        code = self._process.exit_code if self._process else None
        if code is None:
            return None
        next_step = self._plan.ended(code, now)
        if isinstance(next_step, GiveUp):
            raise CommandFailed(f"{self.service.name} ended with code {code}: {next_step.why}{self._said()}")
        self._start_at = next_step.at
        return f"{self.service.name} ended with code {code}; starts again in {next_step.at - now:.1f} s"

    def ask_to_end(self) -> None:
        self._start_at = None
        if self._process:
            self._process.ask_to_end()

    def close(self) -> None:
        if self._process:
            self._process.close()

    def _said(self) -> str:
        if self.service.log is None:
            return " (see its log above)"
        lines = self.service.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return f"; the end of {self.service.log}: {' | '.join(line.strip()[-300:] for line in lines)}"


class Supervisor:
    """All children run from `__enter__` to `__exit__`, in which they end within ten seconds."""

    def __init__(self, services: Sequence[ServiceProcess], policy: RestartPolicy, tell: Callable[[str], None]) -> None:
        self._children = [_Child(service, policy) for service in services]
        self._tell = tell

    def __enter__(self) -> Self:
        try:
            for child in self._children:
                child.start(time.monotonic())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            child.ask_to_end()
        for child in self._children:
            child.close()

    def watch(self) -> None:
        """Look after all children once; raises `CommandFailed` when one is given up."""
        for child in self._children:
            happened = child.watch(time.monotonic())
            if happened:
                self._tell(happened)


def fresh_log(directory: Path, service: str) -> Path:
    """An empty log file of that service."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{service}.log"
    path.write_bytes(b"")
    return path
