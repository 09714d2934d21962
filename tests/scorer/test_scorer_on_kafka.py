"""Scorer processes on a real Kafka: killed, and every record still has exactly one outcome."""

import json
import signal
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from tests.conftest import MakeSettings
from tests.support.deployment import Deployment, deploy
from tests.support.kafka_topics import read_all
from tests.support.scored_stream import TASK, publish_model, publish_policy, records
from tests.support.waiting import eventually
from tests.support.worker_processes import Workers

from winnow_schemas.codec import decode
from winnow_schemas.evidence import Counts

pytestmark = pytest.mark.kafka
RECORDS = 3000
BROKEN_EVERY = 100
OUTCOMES = ("labels", "review-requests", "dead-letters")


@pytest.fixture
def stream(make_settings: MakeSettings, tmp_path: Path) -> Deployment:
    """A task with a model and a policy, and no scorer yet."""
    deployment = deploy(make_settings(http={"port": 0}, partitions=2), tmp_path, TASK)
    publish_model(deployment)
    publish_policy(deployment)
    return deployment


def counted(deployment: Deployment) -> list[Counts]:
    return [decode(Counts, message.value or b"") for message in deployment.read("evidence")]


def done(deployment: Deployment) -> int:
    return sum(counts.end - counts.first for counts in counted(deployment))


def outcomes(deployment: Deployment) -> Counter[str]:
    """How often each record of the stream came out, by its position."""
    found: Counter[str] = Counter()
    for message in deployment.read("labels"):
        found[json.loads(message.value)["decision_id"].partition("/")[2]] += 1
    for message in deployment.read("review-requests"):
        found[json.loads(message.value)["request_id"].partition("/")[2]] += 1
    for message in deployment.read("dead-letters"):
        found[message.key.decode().partition("/")[2]] += 1
    return found


def times_joined(scorers: Workers, slot: str) -> int:
    return scorers.log_file(slot).read_text(errors="replace").count("partitions assigned")


@pytest.mark.timeout(120)
def test_kills_of_two_scorers_lose_and_double_nothing(stream: Deployment, tmp_path: Path) -> None:
    chance = Random(5)
    everything = list(records(RECORDS, BROKEN_EVERY))
    with Workers(stream.settings, tmp_path, "winnow.scorer", ()) as scorers:
        for slot in ("0", "1"):
            scorers.start(slot)
        for kill in range(3):
            first = RECORDS * kill // 3
            stream.send("records", everything[first : first + RECORDS // 3])
            target = first + chance.randrange(1, RECORDS // 3)
            eventually(lambda wanted=target: done(stream) >= wanted, within_s=40, what="progress")
            victim = str(kill % 2)
            scorers.kill(victim)
            joined = times_joined(scorers, victim)
            scorers.start(victim)
        eventually(lambda: done(stream) == RECORDS, within_s=40, what="the end")
        eventually(lambda: times_joined(scorers, victim) > joined, what="the last one started being back")
        for slot in ("0", "1"):
            scorers.signal(slot, signal.SIGTERM)
            assert scorers.wait(slot, 10) == 0

    positions = {
        f"{m.partition()}/{m.offset()}"
        for m in read_all(stream.settings.bootstrap_servers, stream.settings.topics["records"])
    }
    found = outcomes(stream)
    assert found.keys() == positions
    assert set(found.values()) == {1}
    assert stream.count("dead-letters") == RECORDS // BROKEN_EVERY
    assert min(stream.count(topic) for topic in OUTCOMES) > 0

    evidence = counted(stream)
    assert sum(counts.dead for counts in evidence) == stream.count("dead-letters")
    assert sum(c.unseen for counts in evidence for c in counts.labels.values()) == stream.count("labels")
    for partition in (0, 1):
        spans = [(counts.first, counts.end) for counts in evidence if counts.partition == partition]
        assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_a_scorer_with_another_salt_than_the_policys_refuses_to_start(stream: Deployment, tmp_path: Path) -> None:
    publish_policy(stream, salt_id="another")
    with Workers(stream.settings, tmp_path, "winnow.scorer", ()) as scorers:
        scorers.start("0")
        assert scorers.wait("0", 30) == 2
        assert "same salt" in scorers.log_file("0").read_text()
