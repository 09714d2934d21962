"""All services on a real Kafka: poison in the stream, Redis flushed, learner and monitor killed, seen in a browser."""

import gzip
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import yaml
from playwright.sync_api import Browser, expect
from tests.support.child_process import end_child, start_child
from tests.support.chromium import running_chromium
from tests.support.deployment import Deployment
from tests.support.environment import as_environment
from tests.support.scored_stream import BROKEN
from tests.support.waiting import eventually
from tests.system.conftest import Deploy

from winnow.demo.sample import SAMPLE, TASK

pytestmark = [pytest.mark.kafka, pytest.mark.browser]
MAILS = 500
POISON = 40
SERVICES = ("scorer", "review", "learner", "monitor", "dashboard")


@pytest.fixture
def browser() -> Iterator[Browser]:
    yield from running_chromium()


def mails() -> list[tuple[bytes, bytes]]:
    """The sample's first mails without their labels, a broken message after every few."""
    with gzip.open(SAMPLE, "rt") as lines:
        records = [json.loads(next(lines)) for _ in range(MAILS)]
    messages: list[tuple[bytes, bytes]] = []
    for number, record in enumerate(records):
        record.pop("label")
        messages.append((record["id"].encode(), json.dumps(record).encode()))
        if number % (MAILS // POISON) == 0 and len(messages) - number <= POISON:
            messages.append((f"broken{number}".encode(), BROKEN[number % len(BROKEN)]))
    return messages


def reviewers(deployment: Deployment, directory: Path) -> "Iterator[None]":
    """Simulated people who work until the test ends."""
    command = [sys.executable, "-m", "winnow", "simulate-reviewers", str(SAMPLE)]
    flags = ["--url", deployment.address("review"), "--token", deployment.token, "--delay", "0.01", "--accuracy", "1"]
    people = start_child(
        [*command, *flags], output=directory / "reviewers.log", environment=as_environment(deployment.settings)
    )
    yield
    people.send_signal(signal.SIGINT)
    end_child(people)


@pytest.mark.timeout(400)
def test_the_loop_survives_everything_and_every_record_has_one_outcome(
    deployment_of: Deploy, browser: Browser, tmp_path: Path
) -> None:
    deployment = deployment_of(yaml.safe_load(TASK))
    for service in SERVICES:
        deployment.start(service)
    deployment.wait_ready(*SERVICES)
    page = browser.new_page()
    page.goto(deployment.address("dashboard"))
    messages = mails()
    people = reviewers(deployment, tmp_path)
    next(people)

    deployment.send("records", messages[: len(messages) // 2])
    eventually(lambda: len(deployment.read("verdicts")) > 50, within_s=60, what="the first verdicts")
    with redis.Redis.from_url(deployment.settings.redis.url) as queue:
        queue.flushall()
    deployment.kill("learner")
    deployment.kill("monitor")
    deployment.start("learner")
    deployment.start("monitor")
    deployment.send("records", messages[len(messages) // 2 :])
    account = eventually(lambda: _finished(deployment, len(messages)), within_s=180, what="all outcomes")

    poison = len(messages) - MAILS
    assert account["dead_letter"] == poison
    assert account["auto"] + account["human"] == MAILS
    expect(page.locator("#outcomes")).to_contain_text(f"{poison}", timeout=30_000)
    expect(page.locator("#sum")).to_contain_text("Adds up")
    expect(page.locator("#review-sum")).to_contain_text("Adds up")
    people.close()
    replayed = deployment.replay()
    assert replayed["exactly_equal"] == replayed["decisions"] == MAILS
    for service in SERVICES:
        assert deployment.stop(service) == 0, deployment.said(service)


def _finished(deployment: Deployment, records: int) -> dict[str, int] | None:
    done = deployment.winnow("verify", "--json")
    if done.returncode != 0:
        return None
    account = json.loads(done.stdout)
    is_over = account["records"] == records and not account["waiting"] and not account["in_review"]
    return account if is_over else None
