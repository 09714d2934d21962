"""What the handler needs from outside: Kafka's past, who reviews, and somewhere to show the open queue."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from winnow.review.finished_labels import FoundLabel
from winnow.review.open_requests import OpenRequest, OpenRequests
from winnow.review.queue_status import Pause
from winnow.runtime.messages import Incoming, Outgoing
from winnow_schemas.evidence import Closed
from winnow_schemas.labels import Label
from winnow_schemas.records import Record
from winnow_schemas.verdicts import Verdict


class History(Protocol):
    """Committed messages that were read before, and where topics end.

    Times are seconds since the epoch, ends exclusive. All may raise `TransientError`.
    """

    def messages(self, topic: str, partition: int, start: int, end: int) -> Iterable[Incoming]:
        """Of requests or responses, by offset."""

    def responses(self, partition: int, since: float, end: int) -> Iterable[Incoming]:
        """Of `review-responses`, written at or after `since`, up to the offset `end`."""

    def closings(self, since: float) -> Iterable[Closed | None]:
        """All closings written at or after `since`, those of transactions now ending included; None for others."""

    def end_of(self, topic: str, partition: int) -> int:
        """The offset that the next message there will get."""

    def is_read_to(self, topic: str, partition: int, position: int, end: int) -> bool:
        """Whether between `position` and `end` there is nothing to read (but marks of transactions)."""


class LabelsRead(NamedTuple):
    """Messages of `labels`, by number those ends that were met, and whether nothing fetched is left to take."""

    messages: Sequence[Incoming]
    ends: Mapping[int, int]
    is_drained: bool


class LabelLog(Protocol):
    """What was labelled, what was withdrawn of it, and the records behind. All may raise `TransientError`."""

    def certificates(self) -> Sequence[Incoming]:
        """What has come in `certificates` since this was asked last."""

    def end(self, partition: int) -> int:
        """The offset that the next label there will get, open transactions included."""

    def start_of(self, version: int, partition: int) -> int:
        """An offset before all labels decided under this policy version or a later one."""

    def follow(self, positions: Mapping[int, int]) -> None:
        """From now on read these partition numbers of `labels`, each from there."""

    def take(self, at_most: int) -> LabelsRead:
        """The labels that are there, without waiting."""

    def records(self, partition: int, offsets: Iterable[int]) -> Mapping[int, Incoming | None]:
        """The records at these offsets, None for those that are gone; at least one, the rest may be missing."""


class Finished(Protocol):
    """Finished labels and what they were given to. All may raise `TransientError`."""

    def newest_of(self, record_id: str) -> FoundLabel | None:
        """The label of a record that counts, if it is among the newest."""

    def at(self, partition: int, offset: int) -> FoundLabel | None:
        """The label at that place; None when it is not there (any more)."""

    def marked(self, offset: int) -> Verdict | None:
        """The verdict at that offset, which marks its record as gold."""

    def verdict_of(self, label: Label) -> Verdict | None:
        """The verdict behind a label that people gave."""

    def record_of(self, label: Label) -> Record | None:
        """The record behind a label."""


class ReviewersLog(Protocol):
    """What tells about reviewers: verdicts since their beginning, responses of the last day, and then what comes."""

    def take(self, at_most: int) -> Sequence[Incoming]:
        """What is there, without waiting."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A request that is open, as it now is; `answered_by` no longer holds it."""

    request: OpenRequest
    answered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Hidden:
    """A request that is no longer open."""

    partition: int
    request_id: str


Change = Shown | Hidden


class QueueFeed(Protocol):
    """Shows the open requests to those who lease them out. Never raises when nobody is there to see.

    `pause` is what an operator said last, to be kept in Kafka.
    """

    pause: Pause | None

    def publish(self, changes: Sequence[Change]) -> None:
        """Show changes that are committed."""

    def rebuilding(self, partitions: Collection[int]) -> None:
        """What is open in these partition numbers is not known yet: what the queue holds may be old."""

    def replace(self, tables: Mapping[int, OpenRequests], pause: Pause | None = None) -> None:
        """From now on these partition numbers, whole, are what to show; `pause` is what Kafka knows of it."""

    def tick(self, now: float) -> None:
        """Notice what was lost, and go on filling it in."""


class Figures(Protocol):
    """Turns what happens into messages of the `metrics` topic."""

    def due(
        self,
        events: Counter[str],
        reviewers: Mapping[str, int],
        tables: Mapping[int, OpenRequests],
        recalls_waiting: int,
        now: float,
    ) -> Sequence[Outgoing]:
        """Take in what a batch came to; the messages to send with it."""

    def committed(self) -> None: ...

    def aborted(self) -> None: ...


class Registry(Protocol):
    """Who may review."""

    def names(self) -> Collection[str]: ...
