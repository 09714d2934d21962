"""Scorers are killed, again and again, and every record still has exactly one outcome."""

from random import Random

import pytest
from tests.support.deployment import Deployment
from tests.support.scored_stream import TASK, publish_model, publish_policy, records
from tests.support.waiting import eventually
from tests.system.conftest import Deploy

from winnow_schemas.codec import decode
from winnow_schemas.evidence import Counts, Evidence

pytestmark = pytest.mark.kafka
RECORDS = 20_000
KILLS = 10


def decided(deployment: Deployment) -> int:
    """Records that committed evidence counts; each partition's counts must follow on one another."""
    ends: dict[int, int] = {}
    for message in deployment.read("evidence"):
        counts = decode(Evidence, message.value or b"")
        if not isinstance(counts, Counts):
            continue
        assert counts.first == ends.get(counts.partition, 0), counts
        ends[counts.partition] = counts.end
    return sum(ends.values())


@pytest.mark.timeout(400)
def test_ten_kills_of_two_scorers_lose_and_double_nothing(deployment_of: Deploy) -> None:
    deployment = deployment_of(TASK)
    publish_model(deployment)
    publish_policy(deployment)
    random = Random(3)
    for slot in ("0", "1"):
        deployment.start("scorer", slot)
    everything = list(records(RECORDS, broken_every=500))
    sent = 0
    for kill in range(KILLS):
        upto = RECORDS * (kill + 1) // KILLS
        target = random.randint(sent + 1, upto)
        deployment.send("records", everything[sent:upto])
        sent = upto
        eventually(lambda least=target: decided(deployment) >= least, within_s=60, what=f"decision {target}")
        victim = str(kill % 2)
        deployment.kill("scorer", victim)
        deployment.start("scorer", victim)
    eventually(lambda: decided(deployment) == RECORDS, within_s=60, what="the end")

    account = deployment.verify()
    assert account["records"] == RECORDS
    assert account["waiting"] == 0
    assert account["auto"] > RECORDS / 4
    assert account["in_review"] > RECORDS / 10
    assert account["dead_letter"] == RECORDS // 500
    assert account["counted"] == account["written"]
    replayed = deployment.replay()
    assert replayed["exactly_equal"] == replayed["decisions"] == RECORDS - RECORDS // 500
    for slot in ("0", "1"):
        assert deployment.stop("scorer", slot) == 0
