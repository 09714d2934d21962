"""What stands on the topic `models`: of a log that was not compacted yet, the newest message of each key."""

from collections.abc import Callable, Iterable

from winnow.runtime.messages import Incoming
from winnow.runtime.snapshot_slots import is_delta, is_manifest, slot_of


def standing(messages: Iterable[Incoming], wanted: Callable[[str], bool]) -> list[Incoming]:
    """What stands of the slots that are wanted, each key once: chunks, then models, then deltas in their order.

    A topic that was not compacted yet holds much more than that.
    """
    newest: dict[str, Incoming] = {}
    for message in messages:
        key = (message.key or b"").decode(errors="replace")
        if (slot := slot_of(key)) is None or not wanted(slot):
            continue
        newest.pop(key, None)
        if message.value is not None:
            newest[key] = message
    return [newest[key] for key in sorted(newest, key=_when)]


def _when(key: str) -> tuple[bool, bool]:
    """Sorting keeps the order in which messages of one kind were written."""
    return is_manifest(key), is_delta(key)
