"""The last verdicts by what their records bring: the next one about nearly the same is held against them."""

from collections import OrderedDict
from typing import Generic, NamedTuple, TypeVar

from winnow.core.checks.near_duplicates import Sketch, are_alike, keys_of, sketch_of
from winnow.core.models import ModelInput

REMEMBERED = 5_000

About = TypeVar("About")


class _Entry(NamedTuple, Generic[About]):
    number: int
    sketch: Sketch | None
    keys: tuple[object, ...]
    about: About


class VerdictMemory(Generic[About]):
    """At most so many; the oldest is forgotten first."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._entries: OrderedDict[int, _Entry[About]] = OrderedDict()
        self._by_key: dict[object, int] = {}
        self._added = 0

    def alike(self, values: ModelInput, about: About) -> About | None:
        """What is known of a record like this one, if there was one; from now on this one is known too."""
        sketch = sketch_of(values)
        keys = tuple(keys_of(values, sketch))
        before = next((entry for key in keys if (entry := self._known(key)) and are_alike(entry.sketch, sketch)), None)
        self._remember(_Entry(self._added, sketch, keys, about))
        return before.about if before else None

    def _known(self, key: object) -> _Entry[About] | None:
        number = self._by_key.get(key)
        return None if number is None else self._entries.get(number)

    def _remember(self, entry: _Entry[About]) -> None:
        self._added += 1
        self._entries[entry.number] = entry
        self._by_key.update(dict.fromkeys(entry.keys, entry.number))
        if len(self._entries) > self._most:
            _, oldest = self._entries.popitem(last=False)
            for key in oldest.keys:
                if self._by_key.get(key) == oldest.number:
                    del self._by_key[key]
