"""Runs the demo's stream through a deployment: sends, lets simulated reviewers answer, watches until all is done."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self, cast

from winnow.cli.demo_deployment import DemoDeployment
from winnow.cli.demo_story import alarm_stories, model_story
from winnow.cli.failures import CommandFailed
from winnow.cli.metrics_feed import MetricsFeed
from winnow.cli.models_feed import Models, ModelsFeed
from winnow.cli.monitor_statements import StatementsFeed
from winnow.cli.outcome_feed import Ended
from winnow.cli.outcome_reader import OutcomeReader, Verification
from winnow.cli.record_lines import RecordLine
from winnow.cli.record_sender import RecordSender
from winnow.cli.seed_verdicts import KEPT_BACK, Seeded
from winnow.cli.seed_writer import SeedWriter
from winnow.demo.live_view import LiveView, Moment
from winnow.demo.report import DemoReport, ModelStory
from winnow.demo.simulated_reviewers import Conduct, ReviewersRefused, SimulatedReviewers
from winnow.demo.tally import Tally, quantile

MAX_OPEN = 200
LEFT_FOR_A_PERSON = 150
NOTHING_MORE_S = 3.0
SETTLES_WITHIN_S = 45.0
"""Labels are released a few seconds after they were made; the last ones are waited for, but no longer than this."""
PATIENCE_S = 120.0


@dataclass
class DemoRun:
    """One stream of records through a running deployment.

    The models are taught `seeded` ones first. At most `rate` records are sent a second. Of the last `leave` of them,
    those that need a person are left to one: nobody simulated answers them.
    """

    deployment: DemoDeployment
    records: Sequence[RecordLine]
    seeded: Sequence[RecordLine]
    conduct: Conduct
    rate: float
    leave: int
    stop: threading.Event
    _tally: Tally = field(init=False)
    _began: datetime = field(init=False, default_factory=lambda: datetime.now(UTC))
    _started: float = field(init=False, default=0.0)
    _last_outcome: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        truth = {line.record_id: line.label for line in self.records if line.record_id and line.label}
        self._tally = Tally(truth)

    def run(self) -> tuple[DemoReport, Verification]:
        """Everything from the first record to the verified sum; raises `CommandFailed`."""
        settings = self.deployment.settings
        if self.seeded:
            self._teach()
        api = self.deployment.address_of("review")
        reviewers = SimulatedReviewers(api, self.deployment.reviewer_tokens, self._tally.truth, self.conduct)
        with (
            Ears(MetricsFeed(settings), StatementsFeed(settings)) as ears,
            RecordSender(settings, MAX_OPEN, self._heard) as sender,
        ):
            with reviewers, LiveView() as view:
                self._stream(sender, reviewers, ears, view)
            sender.flush()
            ears.listen()
            verification = OutcomeReader(settings).verify(lambda _done, _note: None)
            ears.listen()
            self._tally.certificate = ears.statements.said.certificate
            with ModelsFeed(settings) as feed:
                models = model_story(feed.models)
            return self._report(ears, models, verification), verification

    def _teach(self) -> None:
        """As `winnow seed` does; waits until scorers may know the model."""
        settings = self.deployment.settings
        learned = len(self.seeded) - int(KEPT_BACK * len(self.seeded))
        now = datetime.now(UTC)
        with SeedWriter(settings) as writer:
            for line in self.seeded[:learned]:
                writer.write(Seeded(line.record, line.label or ""), now)
            for line in self.seeded[learned:]:
                writer.write(Seeded(line.record, line.label or "", use="trial"), now)
            writer.finish()
        with ModelsFeed(settings) as feed:
            if not feed.wait_until(lambda models: _has_learned(models, learned), PATIENCE_S):
                raise CommandFailed(f"no model came out within {PATIENCE_S:.0f} s: look into the learner's log")

    def _stream(self, sender: RecordSender, reviewers: SimulatedReviewers, ears: "Ears", view: LiveView) -> None:
        waiting = deque(self.records)
        self._began = datetime.now(UTC)
        self._started = self._last_outcome = time.monotonic()
        while waiting or not self._is_over(sender):
            while waiting and sender.has_room and sender.sent < self._due():
                line = waiting.popleft()
                sender.send(line.key, line.value)
            if len(waiting) < self.leave and len(waiting) + sender.open <= MAX_OPEN:
                reviewers.stop()
            sender.listen()
            ears.listen()
            self._tally.certificate = ears.statements.said.certificate
            self._look_after(reviewers)
            view.show(self._moment(sender, ears))

    def _is_over(self, sender: RecordSender) -> bool:
        """Every record has an outcome that stands, and the labels are released (or left to a person)."""
        silent_s = time.monotonic() - self._last_outcome
        if self.leave:
            return silent_s > NOTHING_MORE_S
        figures = self._tally.figures()
        if sender.open or figures.ended < len(self.records):
            return False
        return not figures.recallable.labels or silent_s > SETTLES_WITHIN_S

    def _due(self) -> float:
        return 1 + self.rate * (time.monotonic() - self._started)

    def _heard(self, ended: Ended) -> None:
        self._last_outcome = time.monotonic()
        self._tally.ended(ended.position, ended.kind, ended.record_id, ended.label, ended.policy_version)

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

    def _moment(self, sender: RecordSender, ears: "Ears") -> Moment:
        board = ears.metrics.board
        return Moment(
            seconds=time.monotonic() - self._started,
            records=len(self.records),
            sent=sender.sent,
            figures=self._tally.figures(),
            alarms=len(ears.statements.said.alarms),
            state=cast("str | None", board.value("gate", "state")),
            model_version=cast("int | None", board.value("scorer", "model_version")),
            queue=cast("int | None", board.value("queue", "open")),
        )

    def _report(self, ears: "Ears", models: ModelStory, verification: Verification) -> DemoReport:
        figures, said = self._tally.figures(), ears.statements.said
        delays = ears.metrics.board.answer_to_model_s()
        target = self.deployment.settings.task.target
        return DemoReport(
            records=len(self.records),
            seeded=len(self.seeded),
            figures=figures,
            reviews_before_auto=self._tally.reviews_before_auto,
            left=len(self.records) - figures.ended,
            seconds=self._last_outcome - self._started,
            answer_to_model_p50_s=quantile(delays, 0.5),
            answer_to_model_p95_s=quantile(delays, 0.95),
            target=target.error,
            confidence=target.confidence,
            state=said.policy.state if said.policy else None,
            certificate=said.certificate,
            audits=verification.account.audits,
            alarms=alarm_stories(said, self._tally, self._began),
            models=models,
            verified=verification.holds,
        )


def _has_learned(models: Models, count: int) -> bool:
    return models.champion is not None and models.champion.learned >= count


@dataclass(frozen=True)
class Ears:
    """All that is heard of the services while the stream runs."""

    metrics: MetricsFeed
    statements: StatementsFeed

    def listen(self) -> None:
        """Take in what there is."""
        self.metrics.poll()
        self.statements.poll()

    def __enter__(self) -> Self:
        self.metrics.__enter__()
        self.statements.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.statements.__exit__()
        self.metrics.__exit__()
