"""The monitor around the digest, on a Faust that loses messages: `python -m tests.monitor.losing_monitor`."""

from collections.abc import AsyncIterator
from typing import Any

from tests.monitor.digest_monitor import main

from winnow.monitor.transport import CommittedOnlyConsumer
from winnow.runtime.process import run_service

_whole = CommittedOnlyConsumer.getmany
_to_lose = [True, False, True]
"""Of what is fetched: one after the other."""


async def _losing(self: Any, timeout: float) -> AsyncIterator[Any]:  # noqa: ASYNC109 - as in Faust
    async for tp, message in _whole(self, timeout):
        if tp != self.transport.evidence or not _to_lose or not _to_lose.pop(0):
            yield tp, message


if __name__ == "__main__":
    CommittedOnlyConsumer.getmany = _losing
    run_service("monitor", main)
