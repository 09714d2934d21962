"""What the Faust shell needs from outside, in one place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from winnow.monitor.evidence_topic import EvidenceTopic
from winnow.monitor.published import Published
from winnow.monitor.state_entries import Kept, State
from winnow.runtime.messages import Incoming, Outgoing


class Change(NamedTuple):
    """The state after the evidence at `offset`: its head, and the slots changed since the change before."""

    offset: int
    head: State
    slots: Mapping[str, Any]


class Fold(Protocol):
    """The logic, as the shell drives it.

    `next_offset` is the evidence it wants next. `must_keep` says that its slots are as far ahead of
    the last change as they may ever be. `restore` raises ValueError when slots and head do not fit;
    then `clear` tells a new fold which slots lie in the table.
    """

    next_offset: int

    @property
    def must_keep(self) -> bool: ...

    def handle(self, message: Incoming, end: int) -> Sequence[Outgoing]: ...

    def change(self) -> Change: ...

    def restore(self, kept: Kept) -> None: ...

    def skip_to(self, first: int) -> None: ...

    def clear(self, slots: Iterable[str]) -> None: ...


@dataclass(frozen=True)
class Wiring:
    """The logic, what is published already, and signs of life.

    `stalled` tells whether the process may have lost its partition unawares, `recovered` that it
    has asked the broker anew, `progress` that it is alive, `ready` whether evidence is being folded.
    """

    evidence_topic: Callable[[], EvidenceTopic]
    read_published: Callable[[], Published]
    make_fold: Callable[[Published], Fold]
    stalled: Callable[[], bool]
    recovered: Callable[[], None]
    progress: Callable[[], None]
    ready: Callable[[bool], None]
