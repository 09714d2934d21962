"""Tells reviewers what spoke for a suggestion: asks the newest whole champion on `models`, a minute old at most.

Only where this worker has the keys that models are signed with, and only of models that are arrays: review unpickles
nothing. Whatever is missing, no word is told, and everything else goes on.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol, Self

import structlog

from winnow.core.batch_scores import FunctionsHeard
from winnow.core.compiled import Compiled, CompiledScorer, scorer
from winnow.core.explanation import spoken_for
from winnow.runtime.errors import RestartNeeded, StoppedWaiting, TransientError
from winnow.runtime.follower import Follower
from winnow.runtime.messages import Incoming
from winnow.runtime.model_keys import load_model_keys
from winnow.runtime.settings import Settings
from winnow.runtime.snapshot_slots import CHAMPION
from winnow.runtime.snapshots import Snapshot, SnapshotReader
from winnow.runtime.standing_models import standing
from winnow_schemas.base import FunctionVotes
from winnow_schemas.records import Record
from winnow_schemas.task import Task

LOOK_EVERY_S = 1.0
READ_WITHIN_S = 30.0

log = structlog.get_logger(__name__)

Explain = Callable[[Record, str, FunctionVotes | None], list[dict[str, Any]]]


class Source(Protocol):
    """The topic `models`; `runtime.follower.Follower` is the real one."""

    def read_to_end(self, timeout_s: float) -> list[Incoming]: ...

    def poll(self) -> list[Incoming]: ...


def explain_nothing(_record: Record, _label: str, _function_votes: FunctionVotes | None) -> list[dict[str, Any]]:
    """Where there is no model to ask."""
    return []


class Explainer:
    """Asks the champion. `take` is the following thread's, `why` the API's."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._scorer: CompiledScorer | None = None
        self._lock = threading.Lock()

    def take(self, snapshot: Snapshot) -> None:
        """From now on this one is asked, if it can be."""
        if snapshot.manifest.form != "compiled":
            self._scorer = None
            return
        try:
            self._scorer = scorer(Compiled.from_bytes(snapshot.body, self._task))
        except ValueError as reason:
            log.warning("snapshot_refused", version=snapshot.manifest.version, reason=str(reason))

    def why(self, record: Record, label: str, function_votes: FunctionVotes | None) -> list[dict[str, Any]]:
        """Words and features with their weights, the strongest first.

        Labelling functions say what they said when the record was decided, whatever is taken away of it.
        """
        asked = self._scorer
        if asked is None:
            return []

        def heard_of(records: Sequence[Record]) -> FunctionsHeard:
            return None if function_votes is None else [function_votes] * len(records)

        with self._lock:  # a scorer keeps what it has looked up
            spoke = spoken_for(record, label, lambda records: asked.score_batch(records, heard_of(records)))
        return [{each.kind: each.name, "weight": each.weight} for each in spoke]


class ChampionFollower:
    """A thread that hands each whole champion on, from `__enter__` to `__exit__`."""

    def __init__(self, source: Source, snapshots: SnapshotReader, take: Callable[[Snapshot], None]) -> None:
        self._source = source
        self._snapshots = snapshots
        self._take = take
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="champion", daemon=True)
        self._has_read_all = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=READ_WITHIN_S)

    def _follow(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self.look()
            except (TransientError, StoppedWaiting, RestartNeeded) as error:
                log.info("models cannot be read now", error=str(error))

    def look(self) -> None:
        """Hand on what has come."""
        newest = None
        for message in self._new_ones():
            newest = self._snapshots.feed(message) or newest
        if newest is not None:
            self._take(newest)

    def _new_ones(self) -> Sequence[Incoming]:
        if self._has_read_all:
            return self._source.poll()
        messages = standing(self._source.read_to_end(READ_WITHIN_S), lambda slot: slot == CHAMPION)
        self._has_read_all = True
        return messages


@contextmanager
def explaining(settings: Settings) -> Iterator[Explain]:
    """What tells of the champion of a deployment, for as long as the context is open."""
    if settings.secrets.model_key_file is None:
        log.info("suggestions are not explained", why="there is no WINNOW_SECRETS__MODEL_KEY_FILE")
        yield explain_nothing
        return
    explainer = Explainer(settings.task)
    snapshots = SnapshotReader(settings.task.task, load_model_keys(settings), lambda slot: slot == CHAMPION)
    with (
        Follower(settings, [settings.topics["models"]]) as follower,
        ChampionFollower(follower, snapshots, explainer.take),
    ):
        yield explainer.why
