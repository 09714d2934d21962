"""Keeps the queue in Redis equal to what is open: after each commit, and again whenever Redis lost its memory.

Each worker marks the partition numbers it fills with a word of its own. A missing or foreign mark
means that Redis was flushed, or restarted, or served another worker since: then that partition
number is compared and filled in anew, a piece at each tick, so that the loop goes on meanwhile.
While Redis is away the loop goes on too; what it missed is made good by the same comparison.
"""

import secrets
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

import redis
import structlog

from winnow.review.answers import AnswerRule, wanted
from winnow.review.open_requests import OpenRequest, OpenRequests
from winnow.review.ports import Change, Hidden, Shown
from winnow.review.queue_entries import Entry
from winnow.review.queue_status import Pause, QueueCounts
from winnow.review.redis_queue import FILLING, RedisQueue

CHECK_S = 0.5
FILLED_A_TICK = 2_000
PLACES_PER_PUT_BACK = 1.0
"""What was put back stands behind what came within the last hour."""
RESERVED_PLACES = 1e6
"""What somebody took back comes to them before anything else."""

log = structlog.get_logger(__name__)


def entry_of(request: OpenRequest, rule: AnswerRule) -> Entry:
    """What the queue knows of an open request."""
    place = request.place - PLACES_PER_PUT_BACK * request.put_backs
    return Entry(
        request_id=request.request_id,
        record_id=request.record_id,
        partition=request.partition,
        offset=request.offset,
        place=place + RESERVED_PLACES if request.reserved_for else place,
        wanted=wanted(request, rule),
        seen_by=request.seen_by,
        reserved_for=request.reserved_for,
        kind=request.kind,
        line=request.line,
        sketch=request.sketch,
        group=request.group,
        is_begun=bool(request.responses or request.reserved_for),
    )


class RedisFeed:
    """Shows the open requests in Redis; used by the loop's thread only."""

    def __init__(self, queue: RedisQueue, rule: AnswerRule, new_mark: Callable[[], str] = secrets.token_hex) -> None:
        self._queue = queue
        self._rule = rule
        self._new_mark = new_mark
        self._mark = new_mark()
        self._tables: Mapping[int, OpenRequests] = {}
        self._to_fill: deque[int] = deque()
        self._filling: deque[str] = deque()
        self._is_filling = False
        self._checked_at = 0.0
        self._is_away = False
        self.counts = QueueCounts(0, 0, 0)
        self.pause: Pause | None = None

    @property
    def is_level(self) -> bool:
        """Whether Redis answers and holds all that is open here."""
        return not (self._is_away or self._to_fill)

    def publish(self, changes: Sequence[Change]) -> None:
        """Show changes that are committed."""
        if not changes or self._is_away:
            return
        hidden = {change.request_id: change.partition for change in changes if isinstance(change, Hidden)}
        shown = [change for change in changes if isinstance(change, Shown) and change.request.request_id not in hidden]
        with self._reachable():
            self._queue.put((entry_of(change.request, self._rule), change.answered_by) for change in shown)
            for partition in set(hidden.values()):
                self._queue.remove(partition, [each for each, number in hidden.items() if number == partition])

    @property
    def is_reachable(self) -> bool:
        """Whether Redis answers."""
        return not self._is_away

    def rebuilding(self, partitions: Collection[int]) -> None:
        """What is open in these partition numbers is not known yet: what the queue holds may be old."""
        self._tables = {}
        self._start_over()
        with self._reachable():
            for number in partitions:
                self._queue.begin(number, self._mark)

    def replace(self, tables: Mapping[int, OpenRequests], pause: Pause | None = None) -> None:
        """From now on these partition numbers, whole, are what to show; `pause` is what Kafka knows of it."""
        self._tables = tables
        self.keep(pause)
        self._start_over()

    def tick(self, now: float) -> None:
        """Notice what was lost, and go on filling it in."""
        if now - self._checked_at >= CHECK_S:
            self._checked_at = now
            with self._reachable():
                self._check()
        if self._to_fill and not self._is_away:
            with self._reachable():
                self._fill()

    def _check(self) -> None:
        marks = self._queue.marks()
        self.counts = self._queue.counts()
        if self._is_away:
            log.info("redis is back")
            self._is_away = False
        self._agree_on_pause()
        for number in self._tables:
            if marks.get(number, "").removesuffix(FILLING) != self._mark and number not in self._to_fill:
                log.warning("redis lost its memory: the queue is filled in anew", partition=number)
                self._to_fill.append(number)

    def _agree_on_pause(self) -> None:
        """The newest word counts; Redis is told again when it has lost it."""
        said = self._queue.pause()
        self.keep(said)
        if self.pause is not None and self.pause != said:
            self._queue.say(self.pause)

    def keep(self, pause: Pause | None) -> None:
        """Take note of an operator's word, whatever Redis forgets; any thread may call."""
        if pause is not None and (self.pause is None or self.pause.at < pause.at):
            self.pause = pause

    def _fill(self) -> None:
        number = self._to_fill[0]
        table = self._tables[number]
        if not self._is_filling:
            self._is_filling = True
            self._queue.begin(number, self._mark)
            held = self._queue.ids(number)
            self._queue.remove(number, [each for each in held if table.find(each) is None])
            self._filling.extend(request.request_id for request in table)
        piece = [self._filling.popleft() for _ in range(min(FILLED_A_TICK, len(self._filling)))]
        still_open = (table.find(request_id) for request_id in piece)
        self._queue.put((entry_of(request, self._rule), None) for request in still_open if request is not None)
        if not self._filling:
            self._is_filling = False
            if self._queue.finish(number, self._mark):
                self._to_fill.popleft()

    def _start_over(self) -> None:
        self._mark = self._new_mark()
        self._to_fill = deque(self._tables)
        self._filling.clear()
        self._is_filling = False

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:
            if not self._is_away:
                log.warning("redis does not answer; the loop goes on without it", error=str(error))
            self._is_away = True
            self._start_over()
