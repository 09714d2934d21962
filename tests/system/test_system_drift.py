"""A stream turns over: alarm, withdrawal, recalls, people again, and the sum adds up.

So it does when an operator recalls an epoch. All services run on the embedded broker; reviewers are simulated.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.support.waiting import eventually

from winnow.cli import main
from winnow.cli.demo_deployment import DemoDeployment, GivenServers, demo_deployment
from winnow.cli.monitor_statements import Statements, StatementsFeed
from winnow.cli.outcome_feed import Ended
from winnow.cli.record_sender import RecordSender
from winnow.cli.settings_options import as_environment
from winnow.demo.simulated_reviewers import Conduct, SimulatedReviewers
from winnow.demo.tally import Tally
from winnow_schemas.codec import encode_record

TASK = """\
task: sizes
labels: [small, large]
input: {features: {size: number}}
target: {error: 0.1}
review: {answers: 1, lease: 1m, expires: 1h, audit_expires: 30m}
risk: {hold_min: 1s}
model: {champion: logistic}
"""
REVIEWERS, OPEN, AT_A_TIME = 6, 60, 5
RELEASED = 100
DELAY_S = 0.3
"""Answers that come at once close the gate after the second find, before there is enough for an alarm."""


class Stream:
    """Records whose size decides their label, sent a few at a time; `turn_over` lets the labels change places."""

    def __init__(self, deployment: DemoDeployment, stack: ExitStack) -> None:
        self.truth: dict[str, str] = {}
        self.tally = Tally(self.truth)
        self.statements = stack.enter_context(StatementsFeed(deployment.settings))
        self._watch = deployment.supervisor.watch
        self._sender = stack.enter_context(RecordSender(deployment.settings, OPEN, self._heard))
        self._lines = self._records()
        self._turned = False

    def turn_over(self) -> None:
        self._turned = True

    def send_until(self, holds: Callable[[Statements], bool]) -> None:
        """Send on until the monitor has said something."""
        while not holds(self.statements.said):
            for _ in range(AT_A_TIME):
                self._sender.send(*next(self._lines))
            self.listen()

    def listen(self) -> None:
        self._sender.listen()
        self.statements.poll()
        self.tally.certificate = self.statements.said.certificate
        self._watch()

    def is_over(self) -> bool:
        """Whether every record sent so far has an outcome that stands."""
        self.listen()
        return self.tally.figures().ended == self._sender.sent

    def _heard(self, ended: Ended) -> None:
        self.tally.ended(ended.position, ended.kind, ended.record_id, ended.label, ended.policy_version)

    def _records(self) -> Iterator[tuple[bytes, bytes]]:
        random = Random(5)
        for number in count():
            size = random.choice([-1, 1]) * random.uniform(1, 3)
            record_id = f"r{number}"
            self.truth[record_id] = "large" if (size > 0) != self._turned else "small"
            yield record_id.encode(), encode_record({"id": record_id, "features": {"size": size}})


def winnow_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    code = main([*arguments, "--json"])
    said = capsys.readouterr()
    assert code == 0, said.err
    return dict(json.loads(said.out))


def released(said: Statements) -> int:
    return said.certificate.labels if said.certificate else 0


@pytest.mark.timeout(240)
def test_labels_that_turn_over_are_taken_back_put_before_people_and_add_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        stop = threading.Event()
        deployment = stack.enter_context(demo_deployment(TASK, GivenServers(), REVIEWERS, tmp_path, stop))
        for name, value in as_environment(deployment.settings).items():
            monkeypatch.setenv(name, value)
        stream = Stream(deployment, stack)
        conduct = Conduct(accuracy=1.0, delay_s=DELAY_S)
        people = SimulatedReviewers(deployment.address_of("review"), deployment.reviewer_tokens, stream.truth, conduct)

        with people:
            stream.send_until(lambda said: released(said) > RELEASED)
            stream.turn_over()
            stream.send_until(lambda said: bool(said.alarms))
            eventually(stream.is_over, within_s=90, what="an outcome of every record")

        figures, said = stream.tally.figures(), stream.statements.said
        assert {alarm.kind for alarm in said.alarms} <= {"errors", "ledger"}
        assert figures.recalled.errors > 0
        assert figures.withdrawn == 0
        assert figures.unlabelled == 0
        assert figures.released.labels > RELEASED
        assert said.certificate
        assert figures.released.errors <= said.certificate.wrong_at_most
        account = winnow_json(capsys, "verify")
        assert account["recalled"] == figures.recalled.labels
        assert account["auto_released"] == figures.released.labels
        assert account["human"] == figures.reviewed

        taken_back = winnow_json(capsys, "recall", "--epoch", "1", "--yes", "--wait", "--note", "before the change")
        assert (taken_back["labels"], taken_back["waiting"]) == (0, 0)
        again = winnow_json(capsys, "verify")
        assert again["in_review"] == again["recalled"] - account["recalled"] > RELEASED
        eventually(
            lambda: winnow_json(capsys, "status")["recalls"] == {"waiting": 0, "open": again["in_review"]},
            within_s=20,
            what="the status of the recall",
        )
