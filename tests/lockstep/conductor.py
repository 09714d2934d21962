"""Drives all services through a stream, one record after the other: nothing is left to chance but what Kafka does.

The order is the replay's. The answers that are due close their requests and are learned; the scorer
decides the next record when it knows the model and the policy that came of them; the monitor folds the
evidence; what it withdraws is taken back.
"""

from types import TracebackType
from typing import Self

from tests.lockstep.comparison import Comparison
from tests.lockstep.held import Held
from tests.lockstep.learning import Learning
from tests.lockstep.monitoring import Monitoring
from tests.lockstep.outputs import Outputs, record_of
from tests.lockstep.reviewing import Reviewing
from tests.lockstep.scoring import Scoring
from tests.lockstep.streams import Stream
from tests.lockstep.worker import Clock

from winnow.replay import TrueRecord
from winnow.replay.people import People, Request
from winnow.replay.stream import record_clock
from winnow.replay.watching import Decided
from winnow.runtime.settings import Settings
from winnow.scorer.knowledge import Versions
from winnow_schemas.base import NO_MODEL
from winnow_schemas.review_requests import ReviewRequest


class Conductor:
    """One stream from its first line to its last."""

    def __init__(self, settings: Settings, stream: Stream, comparison: Comparison) -> None:
        self._stream = stream
        self._comparison = comparison
        self._clock = Clock(record_clock(stream.lines[0]))
        self._people = People(stream.conditions, settings.task.labels)
        self._outputs = Outputs(settings, comparison)
        self._scoring = Scoring(settings, stream.conditions.salt, self._clock)
        self._reviewing = Reviewing(settings, self._clock)
        self._learning = Learning(settings, self._clock)
        self._monitoring = Monitoring(settings)
        self._held = Held()
        self._open: dict[tuple[int, bool], ReviewRequest] = {}
        self._closed = 0
        self._verdicts = 0

    def run(self) -> None:
        """Ends with the last line; requests may be open and labels held."""
        self._reviewing.begin()
        self._scoring.begin(self._is_heard)
        self._hear_monitor()
        for line in self._stream.lines:
            now = record_clock(line)
            self._answers(now)
            self._clock.now = now
            self._scoring.adopt(Versions(self._model_version, self._monitoring.policy))
            self._scoring.decide(line)
            come_out = line.offset + 1
            self._monitoring.fold_until(lambda: self._monitoring.decided == come_out, f"evidence of {line}")  # noqa: B023
            self._outputs.read_until(lambda: self._outputs.outcomes == come_out, f"the outcome of {line}")  # noqa: B023
            self._hear_monitor()

    @property
    def _model_version(self) -> int:
        return self._learning.version if self._verdicts else NO_MODEL

    def _is_heard(self) -> bool:
        self._monitoring.fold()
        return self._monitoring.heard > 0

    def _answers(self, now: float) -> None:
        learned = self._verdicts
        while due := self._people.due(now):
            self._clock.now, request = due
            self._close(request)
            self._monitoring.fold_until(lambda: self._monitoring.closed >= self._closed, "the closing")
            self._hear_monitor()
        if self._verdicts > learned:
            self._learning.learn(self._verdicts)
            self._comparison.learned(self._learning.version, self._verdicts)

    def _close(self, due: Request) -> None:
        request = self._open.pop((due.decided.offset, due.reason == "recalled"))
        self._closed += 1
        if due.answer is None:
            self._reviewing.expire(request)
        else:
            self._verdicts += 1
            self._reviewing.answer(request, due.decided.record_id or "", due.answer)

    def _hear_monitor(self) -> None:
        told = self._monitoring.published
        watched = [topic for topic in told if topic in self._outputs.watched]
        self._outputs.read_until(lambda: all(self._outputs.told[topic] == told[topic] for topic in watched), "policies")
        self._ask()
        for certificate in self._outputs.certificates:
            self._held.settle(certificate)
        self._outputs.certificates.clear()
        if self._outputs.recalled < self._held.withdrawn:
            self._reviewing.recall_until(self._is_recalled)
            self._ask()

    def _is_recalled(self) -> bool:
        self._outputs.read()
        return self._outputs.recalled == self._held.withdrawn

    def _ask(self) -> None:
        for label in self._outputs.auto_labels:
            self._held.hold(label)
        self._outputs.auto_labels.clear()
        for request in self._outputs.requests:
            self._reviewing.asked += 1
            self._ask_people(request)
        self._outputs.requests.clear()

    def _ask_people(self, request: ReviewRequest) -> None:
        offset = record_of(request.request_id)
        line = self._stream.lines[offset]
        assert isinstance(line, TrueRecord)
        decided = Decided(offset, line.record["id"], request.decision, line.label)
        self._open[offset, request.reason == "recalled"] = request
        self._people.ask(decided, request.reason, {}, self._clock.now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for service in (self._scoring, self._reviewing, self._learning, self._monitoring, self._outputs):
            service.close()
