"""A live run made again from its topics: after kills of every service, each decision comes out as it was."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import yaml
from tests.support.deployment import Deployment
from tests.support.scored_stream import BROKEN, TASK, publish_model, publish_policy, records
from tests.support.waiting import eventually
from tests.system.conftest import Deploy

from winnow.demo.sample import SAMPLE
from winnow.demo.sample import TASK as MAIL
from winnow.demo.simulated_reviewers import Conduct, SimulatedReviewers

MAILS = 400
RECORDS = 3000
SERVICES = ("scorer", "review", "learner", "monitor")


def mails() -> tuple[list[tuple[bytes, bytes]], dict[str, str]]:
    """The sample's first mails and their labels."""
    with gzip.open(SAMPLE, "rt") as lines:
        found = [json.loads(next(lines)) for _ in range(MAILS)]
    truth = {record["id"]: record.pop("label") for record in found}
    return [(record["id"].encode(), json.dumps(record).encode()) for record in found], truth


@contextmanager
def people(deployment: Deployment, truth: dict[str, str]) -> Iterator[None]:
    with SimulatedReviewers(deployment.address("review"), [deployment.token], truth, Conduct(1.0, 0.01)):
        yield


def outcomes(deployment: Deployment) -> int:
    """Auto labels and verdicts so far."""
    return sum(b'"source":"auto"' in (m.value or b"") for m in deployment.read("labels")) + deployment.count("verdicts")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("cluster", ["embedded"], indirect=True)
def test_a_run_on_the_embedded_broker_comes_out_again_though_learner_and_monitor_were_killed(
    deployment_of: Deploy,
) -> None:
    deployment = deployment_of(yaml.safe_load(MAIL))
    for service in SERVICES:
        deployment.start(service)
    deployment.wait_ready(*SERVICES)
    messages, truth = mails()
    with people(deployment, truth):
        deployment.send("records", messages[: MAILS // 2])
        eventually(lambda: outcomes(deployment) > MAILS // 4, within_s=60, what="the first outcomes")
        deployment.kill("learner")
        deployment.kill("monitor")
        deployment.start("learner")
        deployment.start("monitor")
        deployment.send("records", [*messages[MAILS // 2 :], (b"broken", BROKEN[0])])
        eventually(lambda: outcomes(deployment) == MAILS, within_s=120, what="all outcomes")

    found = deployment.replay()

    assert found["decisions"] == found["equal"] == found["exactly_equal"] == MAILS
    assert found["not_recomputable"] == {}
    assert found["models_from"]["verdicts"] > MAILS / 10
    assert found["dead_letters"]["equal"] == 1
    assert found["statements"]["left_out"] is None
    assert found["statements"]["compared"]["policies"] > 2


@pytest.mark.kafka
@pytest.mark.timeout(300)
def test_a_run_whose_scorers_were_killed_comes_out_again_and_what_was_changed_is_told(deployment_of: Deploy) -> None:
    deployment = deployment_of(TASK)
    for slot in ("0", "1"):
        deployment.start("scorer", slot)
    messages = list(records(RECORDS, broken_every=500))
    deployment.send("records", messages[:300])
    eventually(lambda: deployment.count("review-requests") >= 200, within_s=60, what="decisions without a model")
    publish_model(deployment)
    publish_policy(deployment)
    for slot in ("0", "1"):
        sent = deployment.count("review-requests")
        deployment.send("records", messages[300:1500] if slot == "0" else messages[1500:])
        eventually(lambda least=sent: deployment.count("review-requests") > least, within_s=60, what="decisions")
        deployment.kill("scorer", slot)
        deployment.start("scorer", slot)
    eventually(lambda: deployment.verify()["waiting"] == 0, within_s=60, what="all decisions")

    found = deployment.replay()

    assert found["decisions"] == found["equal"] == found["exactly_equal"] == RECORDS - RECORDS // 500
    assert found["models_from"]["snapshot"] > RECORDS / 2
    assert found["models_from"]["none"] >= 200
    assert found["dead_letters"]["equal"] == RECORDS // 500
    assert found["statements"]["left_out"] == "no monitor has issued a policy"

    tampered = next(message for message in deployment.read("labels"))
    deployment.send("labels", [(tampered.key, (tampered.value or b"").replace(b'"label":"', b'"label":"not '))])
    done = deployment.winnow("replay", "--from-topics", "--limit-differences", "1")
    assert done.returncode == 1
    assert "auto and auto" in done.stderr
    assert "not everything comes out again: 1 decisions differ" in done.stderr
