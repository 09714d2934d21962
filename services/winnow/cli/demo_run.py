"""Runs the demo's stream through a deployment: sends, lets simulated reviewers answer, watches, and reports."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from winnow.cli.demo_deployment import DemoDeployment
from winnow.cli.deployment_status import newest_certificate
from winnow.cli.failures import CommandFailed
from winnow.cli.metrics_feed import MetricsFeed
from winnow.cli.outcome_feed import Ended
from winnow.cli.outcome_reader import OutcomeReader, Verification
from winnow.cli.record_lines import RecordLine
from winnow.cli.record_sender import RecordSender
from winnow.demo.live_view import LiveView, Moment
from winnow.demo.report import DemoReport
from winnow.demo.simulated_reviewers import Conduct, ReviewersRefused, SimulatedReviewers
from winnow.demo.tally import Tally, quantile

MAX_OPEN = 200
LEFT_FOR_A_PERSON = 150
NOTHING_MORE_S = 3.0
PATIENCE_S = 120.0


@dataclass
class DemoRun:
    """One stream of records through a running deployment.

    At most `rate` records are sent a second. Of the last `leave` of them, those that need a person are
    left to one: nobody simulated answers them.
    """

    deployment: DemoDeployment
    records: Sequence[RecordLine]
    conduct: Conduct
    rate: float
    leave: int
    stop: threading.Event
    _tally: Tally = field(init=False)
    _started: float = field(init=False, default=0.0)
    _last_outcome: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        truth = {line.record_id: line.label for line in self.records if line.record_id and line.label}
        self._tally = Tally(truth)

    def run(self) -> tuple[DemoReport, Verification]:
        """Everything from the first record to the verified sum; raises `CommandFailed`."""
        settings = self.deployment.settings
        api = self.deployment.address_of("review")
        reviewers = SimulatedReviewers(api, self.deployment.reviewer_tokens, self._tally.truth, self.conduct)
        with MetricsFeed(settings) as metrics, RecordSender(settings, MAX_OPEN, self._heard) as sender:
            with reviewers, LiveView() as view:
                self._stream(sender, reviewers, metrics, view)
            sender.flush()
            metrics.poll()
            verification = OutcomeReader(settings).verify(lambda _done, _note: None)
            metrics.poll()
            return self._report(metrics, verification), verification

    def _stream(
        self, sender: RecordSender, reviewers: SimulatedReviewers, metrics: MetricsFeed, view: LiveView
    ) -> None:
        waiting = deque(self.records)
        self._started = self._last_outcome = time.monotonic()
        while waiting or not self._is_over(sender):
            while waiting and sender.has_room and sender.sent < self._due():
                line = waiting.popleft()
                sender.send(line.key, line.value)
            if len(waiting) < self.leave and len(waiting) + sender.open <= MAX_OPEN:
                reviewers.stop()
            sender.listen()
            metrics.poll()
            self._look_after(reviewers)
            view.show(self._moment(sender, metrics))

    def _is_over(self, sender: RecordSender) -> bool:
        if not self.leave:
            return not sender.open
        return time.monotonic() - self._last_outcome > NOTHING_MORE_S

    def _due(self) -> float:
        return 1 + self.rate * (time.monotonic() - self._started)

    def _heard(self, ended: Ended) -> None:
        self._last_outcome = time.monotonic()
        self._tally.ended(ended.position, ended.kind, ended.record_id, ended.label)

    def _look_after(self, reviewers: SimulatedReviewers) -> None:
        self.deployment.supervisor.watch()
        try:
            reviewers.done()
        except ReviewersRefused as error:
            raise CommandFailed(str(error)) from None
        if self.stop.is_set():
            raise CommandFailed("interrupted")
        if time.monotonic() - self._last_outcome > PATIENCE_S:
            raise CommandFailed(f"nothing came out for {PATIENCE_S:.0f} s: look into the services' logs")

    def _moment(self, sender: RecordSender, metrics: MetricsFeed) -> Moment:
        board = metrics.board
        return Moment(
            seconds=time.monotonic() - self._started,
            records=len(self.records),
            sent=sender.sent,
            figures=self._tally.figures(),
            state=cast("str | None", board.value("gate", "state")),
            model_version=cast("int | None", board.value("scorer", "model_version")),
            queue=cast("int | None", board.value("queue", "open")),
        )

    def _report(self, metrics: MetricsFeed, verification: Verification) -> DemoReport:
        figures = self._tally.figures()
        delays = metrics.board.answer_to_model_s()
        return DemoReport(
            records=len(self.records),
            figures=figures,
            left=len(self.records) - figures.ended,
            seconds=self._last_outcome - self._started,
            answer_to_model_p50_s=quantile(delays, 0.5),
            answer_to_model_p95_s=quantile(delays, 0.95),
            target=self.deployment.settings.task.target.error,
            state=cast("str | None", metrics.board.value("gate", "state")),
            certificate=newest_certificate(self.deployment.settings),
            verified=verification.holds,
        )
