"""Hands the newest page to everybody who watches.

Promises: a slow watcher skips pages and neither delays others nor piles up memory (one waiting
page each); above the limit of watchers new ones are turned away; `close` ends all streams.
"""

import asyncio
from collections.abc import AsyncGenerator

Page = bytes


class TooManyWatchers(Exception):
    """The limit of open streams is reached."""


class Hub:
    """Lives in one event loop; all methods are called there."""

    def __init__(self, limit: int, heartbeat_s: float) -> None:
        self._limit = limit
        self._heartbeat_s = heartbeat_s
        self._watchers: set[asyncio.Queue[Page | None]] = set()
        self._newest: Page | None = None
        self._closed = False

    @property
    def newest(self) -> Page | None:
        """The last published page."""
        return self._newest

    @property
    def watchers(self) -> int:
        """How many streams are open."""
        return len(self._watchers)

    def publish(self, page: Page) -> None:
        """Give every watcher this page in place of one it has not taken yet."""
        self._newest = page
        for watcher in self._watchers:
            _replace(watcher, page)

    def close(self) -> None:
        """End all streams, and every one that is opened later."""
        self._closed = True
        for watcher in self._watchers:
            _replace(watcher, None)

    def watch(self) -> AsyncGenerator[Page | None, None]:
        """Pages as they come, beginning with the newest; None is a sign of life when none came for long.

        Raises `TooManyWatchers` at once, before anything is streamed.
        """
        if len(self._watchers) >= self._limit:
            raise TooManyWatchers
        return self._stream(asyncio.Queue(maxsize=1))

    async def _stream(self, waiting: asyncio.Queue[Page | None]) -> AsyncGenerator[Page | None, None]:
        self._watchers.add(waiting)
        try:
            if self._newest is not None:
                waiting.put_nowait(self._newest)
            while not self._closed:
                try:
                    page = await asyncio.wait_for(waiting.get(), self._heartbeat_s)
                except TimeoutError:
                    yield None
                    continue
                if page is None:
                    return
                yield page
        finally:
            self._watchers.discard(waiting)


def _replace(watcher: asyncio.Queue[Page | None], page: Page | None) -> None:
    if watcher.full():
        watcher.get_nowait()
    watcher.put_nowait(page)
