"""`winnow models` against a learner's own process on a real Kafka: promote, and go back to the very same scores."""

import json
from pathlib import Path

import pytest
from tests.conftest import MakeSettings
from tests.learner.test_learner_on_kafka import TASK, learned, send, verdicts
from tests.support.deployment import Deployment, deploy
from tests.support.waiting import eventually

from winnow.cli import main
from winnow.cli.settings_options import as_environment
from winnow.core.compiled import CompiledScorer, compile_model, scorer
from winnow.core.models import build, learn, river_input
from winnow.runtime.model_keys import load_model_keys
from winnow.runtime.snapshot_slots import CHAMPION
from winnow.runtime.snapshots import SnapshotReader
from winnow.scorer.champion import Champion
from winnow_schemas.codec import decode
from winnow_schemas.evidence import Evidence
from winnow_schemas.verdicts import Verdict

pytestmark = pytest.mark.kafka
MODEL = {"champion": "text_logistic", "challengers": ["text_naive_bayes"]}


@pytest.fixture
def school(make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    deployment = deploy(make_settings(http={"port": 0}), tmp_path, {**TASK, "model": MODEL})
    for name, value in as_environment(deployment.settings).items():
        monkeypatch.setenv(name, value)
    return deployment


def decides(school: Deployment) -> Champion:
    """The whole champion that was published last, as a scorer reads it."""
    found = Champion(school.settings.task)
    reader = SnapshotReader("mail", load_model_keys(school.settings), lambda slot: slot == CHAMPION)
    for message in school.read("models"):
        if snapshot := reader.feed(message):
            found.take(snapshot)
    return found


def replayed(school: Deployment, name: str, some: list[Verdict]) -> CompiledScorer:
    """A model that learned these verdicts and no others."""
    task = school.settings.task
    model = build(task, name)
    for one in some:
        learn(model, river_input(task, one.record), one.label, None)
    compiled = compile_model(task, name, model, len(some))
    assert compiled is not None
    return scorer(compiled)


@pytest.mark.timeout(240)
def test_a_challenger_is_promoted_and_a_kept_version_comes_back(
    school: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = verdicts()
    records = [one.record for one in everything[:50]]
    school.start("learner")
    try:
        send(school, everything[:300])
        eventually(lambda: learned(school) == 300, within_s=90, what="all being learned")
        assert main(["models", "promote", "text_naive_bayes", "--json"]) == 0
        promoted = json.loads(capsys.readouterr().out)
        assert (promoted["name"], promoted["version"]) == ("text_naive_bayes", 301)
        assert school.stop("learner") == 0  # all is written: the former champion is kept under its version
        school.start("learner")
        send(school, everything[300:350])
        eventually(lambda: learned(school) == 351, within_s=90, what="the rest being learned")
        assert main(["models", "rollback", "300", "--note", "as it was", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"name": "text_logistic", "version": 352, "learned": 300}
        assert main(["models", "rollback", "7"]) == 2
        assert "version 7 is not kept; one of these is wanted: " in capsys.readouterr().err
        assert main(["models", "list", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["champion"] == "text_logistic"
    finally:
        school.close()

    now, then = decides(school).scorer, replayed(school, "text_logistic", everything[:300])
    assert now is not None
    assert now.score_batch(records).table.tolist() == then.score_batch(records).table.tolist()
    told = [decode(Evidence, message.value) for message in school.read("evidence")]  # type: ignore[arg-type, var-annotated]
    assert [(one.change, one.name, one.model_version) for one in told] == [
        ("promoted", "text_naive_bayes", 301),
        ("rolled_back", "text_logistic", 352),
    ]
