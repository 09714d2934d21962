"""What the topic `models` says: who decides, who is compared, what one may go back to, and how good each is."""

import time
from collections.abc import Callable, Iterable
from typing import Self

from winnow.cli.topic_reader import TopicReader
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow.runtime.snapshot_slots import CHAMPION, is_kept, is_manifest, is_of_champion, is_report
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.model_reports import ModelReport
from winnow_schemas.models import ModelManifest

LOOK_S = 0.2


class Models:
    """Pure fold of the topic. `champion` is the newest of what scorers read; `kept` and `reports` are by version and
    by name.
    """

    def __init__(self) -> None:
        self.champion: ModelManifest | None = None
        self.kept: dict[int, ModelManifest] = {}
        self.reports: dict[str, ModelReport] = {}

    def take(self, messages: Iterable[Incoming]) -> None:
        """Fold in what was read; what breaks its contract is passed over."""
        for message in messages:
            try:
                self._take((message.key or b"").decode(errors="replace"), message.value)
            except InvalidMessage:
                continue

    def _take(self, key: str, value: bytes | None) -> None:
        if is_report(key):
            if value is None:
                self.reports.pop(key.partition("/")[2], None)
            else:
                said = decode(ModelReport, value)
                self.reports[said.name] = said
        elif is_manifest(key) and is_kept(key):
            version = int(key.partition("/")[2])
            self.kept.pop(version, None)
            if value is not None:
                self.kept[version] = decode(ModelManifest, value)
        elif is_manifest(key) and is_of_champion(key) and value is not None:
            manifest = decode(ModelManifest, value)
            if self.champion is None or manifest.version >= self.champion.version or key == CHAMPION:
                self.champion = manifest


class ModelsFeed:
    """The fold of everything from the beginning; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._reader = TopicReader(settings, (settings.topics["models"],), "beginning")
        self.models = Models()

    def __enter__(self) -> Self:
        self.models.take(self._reader.read_to_end())
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.__exit__()

    def wait_until(self, holds: Callable[[Models], bool], within_s: float) -> bool:
        """Follow the topic until this holds; False when the time is over before."""
        deadline = time.monotonic() + within_s
        while not holds(self.models):
            if time.monotonic() > deadline:
                return False
            self.models.take(self._reader.poll(LOOK_S))
        return True
