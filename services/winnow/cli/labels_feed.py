"""The labels of some policy versions, read from `labels` from its beginning and then as they come."""

import time
from collections.abc import Callable, Iterable
from typing import Self

from winnow.cli.labels_taken_back import LabelsTakenBack
from winnow.cli.topic_reader import TopicReader
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.labels import Label

LOOK_S = 0.5


class LabelsFeed:
    """A context manager that has read the topic to its end when entered."""

    def __init__(self, settings: Settings, concerned: Callable[[int], bool]) -> None:
        self._reader = TopicReader(settings, (settings.topics["labels"],), "beginning")
        self.found = LabelsTakenBack(concerned)

    def __enter__(self) -> Self:
        self._take(self._reader.read_to_end())
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.__exit__()

    def follow_until_recalled(self, patience_s: float, step: Callable[[int], None]) -> bool:
        """Until none of them stands; False when nothing was recalled for `patience_s`."""
        heard_at = time.monotonic()
        while self.found.standing:
            before = self.found.standing
            self._take(self._reader.poll(LOOK_S))
            step(self.found.recalled)
            if self.found.standing != before:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > patience_s:
                return False
        return True

    def _take(self, messages: Iterable[Incoming]) -> None:
        for message in messages:
            if message.value is None:
                continue
            try:
                self.found.take(decode(Label, message.value))
            except InvalidMessage:
                continue
