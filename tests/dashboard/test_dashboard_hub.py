"""Everybody sees the newest page; nobody's slowness costs anything."""

import asyncio

import pytest

from winnow.dashboard.hub import Hub, TooManyWatchers


def test_a_newcomer_sees_the_newest_page_at_once():
    async def scene():
        hub = Hub(limit=2, heartbeat_s=10)
        hub.publish(b"1")
        hub.publish(b"2")
        return await anext(hub.watch())

    assert asyncio.run(scene()) == b"2"


def test_a_slow_watcher_skips_pages_and_gets_the_last():
    async def scene():
        hub = Hub(limit=2, heartbeat_s=10)
        hub.publish(b"first")
        slow = hub.watch()
        seen = [await anext(slow)]
        for number in range(1000):
            hub.publish(b"%d" % number)
        return [*seen, await anext(slow)]

    assert asyncio.run(scene()) == [b"first", b"999"]


def test_without_news_there_is_a_sign_of_life():
    async def scene():
        return await anext(Hub(limit=1, heartbeat_s=0.01).watch())

    assert asyncio.run(scene()) is None


def test_above_the_limit_watchers_are_turned_away_until_one_leaves():
    async def scene():
        hub = Hub(limit=1, heartbeat_s=10)
        hub.publish(b"page")
        first = hub.watch()
        await anext(first)
        with pytest.raises(TooManyWatchers):
            hub.watch()
        await first.aclose()
        assert await anext(hub.watch()) == b"page"

    asyncio.run(scene())


def test_a_stream_that_was_opened_and_never_read_holds_no_place():
    async def scene():
        hub = Hub(limit=1, heartbeat_s=10)
        await hub.watch().aclose()
        return hub.watchers

    assert asyncio.run(scene()) == 0


def test_closing_ends_all_streams():
    async def scene():
        hub = Hub(limit=1, heartbeat_s=10)
        hub.publish(b"page")
        stream = hub.watch()
        await anext(stream)
        waiting = asyncio.ensure_future(anext(stream, "ended"))
        await asyncio.sleep(0)
        hub.close()
        return await waiting

    assert asyncio.run(scene()) == "ended"
