"""An operator recalls labels, halts the machine and lets it go on, with a monitor that obeys."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import MakeSettings
from tests.support.deployment import Deployment, deploy
from tests.support.scored_stream import TASK
from tests.support.waiting import eventually

from winnow.cli import main
from winnow.cli.settings_options import as_environment
from winnow_schemas.codec import decode, encode
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.evidence import Counts
from winnow_schemas.labels import Label
from winnow_schemas.policies import Policy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PARTITIONS = 2


class Operator:
    """Somebody at a command line."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Exit code and the line on stderr."""
        code = main(arguments)
        return code, self._capsys.readouterr().err.strip()

    def json(self, *arguments: str) -> dict[str, Any]:
        """What the command prints for programs."""
        assert main([*arguments, "--json"]) == 0, self._capsys.readouterr().err
        return dict(json.loads(self._capsys.readouterr().out))


@pytest.fixture
def operator(capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(capsys)


@pytest.fixture
def deployment(make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    deployment = deploy(make_settings(partitions=PARTITIONS), tmp_path, TASK)
    for name, value in as_environment(deployment.settings).items():
        monkeypatch.setenv(name, value)
    yield deployment
    deployment.close()


def counts(partition: int) -> Counts:
    values = {"stream": "abcdefgh", "partition": partition, "from": 0, "to": 0, "at": NOW}
    return Counts(policy_version=-1, model_version=-1, **values)


def label(number: int, policy_version: int, **changes: Any) -> tuple[bytes, bytes]:
    record_id = f"r{number}"
    values: dict[str, Any] = {
        "record_id": record_id,
        "label": "small",
        "source": "auto",
        "revision": 1,
        "decision_id": f"abcdefgh/0/{number}",
        "policy_version": policy_version,
        "decided_at": NOW,
        "at": NOW,
    }
    return record_id.encode(), encode(Label(**{**values, **changes}))


def newest_policy(deployment: Deployment) -> Policy | None:
    found = [message for message in deployment.read("policies") if message.key == b"current"]
    return decode(Policy, found[-1].value or b"") if found else None


@pytest.mark.timeout(180)
def test_labels_are_recalled_by_epoch_and_by_version_and_the_machine_is_halted_and_resumed(
    deployment: Deployment, operator: Operator
) -> None:
    assert operator("recall", "--epoch", "1") == (
        2,
        "winnow: epoch 1 is unknown: the monitor has issued no policy yet",
    )
    deployment.start("monitor")
    deployment.send("evidence", [(None, encode(counts(number))) for number in range(PARTITIONS)])
    policy = eventually(lambda: newest_policy(deployment), within_s=60, what="the first policy")
    version = str(policy.version)

    assert operator("recall", "--epoch", "7") == (2, "winnow: epoch 7 is unknown: there is epoch 1 only")
    assert operator("recall", "--policy", "0..99999")[0] == 2
    code, said = operator("recall", "--epoch", "1", "--yes")
    assert (code, said.count("\n")) == (1, 0)
    assert "nothing to recall" in said

    deployment.send("labels", [label(number, policy.version) for number in range(3)])
    looked_at = operator.json("recall", "--epoch", "1", "--dry-run")
    assert (looked_at["labels"], looked_at["released"], looked_at["waiting"]) == (3, 0, 0)
    code, said = operator("recall", "--policy", version)
    assert (code, said.count("\n")) == (2, 0)
    assert "3 labels" in said
    assert "--yes" in said

    recalled = operator.json("recall", "--policy", version, "--yes", "--note", "wrong form")
    assert (recalled["labels"], recalled["waiting"], recalled["recalled"]) == (0, 3, 0)
    as_review_would = [label(number, policy.version, source="recall", label=None, revision=2) for number in range(3)]
    deployment.send("labels", as_review_would)
    assert operator.json("recall", "--epoch", "1", "--wait")["recalled"] == 3

    halted = operator.json("halt", "--note", "test mails", "--operator", "the night shift")
    assert (halted["state"], halted["epoch"], halted["changed"]) == ("halted", 2, True)
    assert operator.json("halt", "--note", "again")["changed"] is False
    alarms = [decode(DriftAlarm, message.value or b"") for message in deployment.read("drift-alarms")]
    assert [(alarm.kind, alarm.message) for alarm in alarms] == [("operator", "halt by the night shift: test mails")]
    resumed = operator.json("resume")
    assert resumed["changed"] is True
    assert resumed["state"] != "halted"
    assert operator.json("resume")["changed"] is False
