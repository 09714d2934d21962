"""The learner's process on a real Kafka: killed in the middle, and it ends with the scores of a full replay."""

import json
import signal
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from tests.conftest import MakeSettings
from tests.support.deployment import Deployment, deploy
from tests.support.waiting import eventually
from tests.support.worker_processes import Workers

from winnow.core.compiled import compile_model, scorer
from winnow.core.models import build, river_input
from winnow.runtime.model_keys import load_model_keys
from winnow.runtime.snapshot_slots import CHAMPION_STATE, is_of_champion
from winnow.runtime.snapshots import Snapshot, SnapshotReader
from winnow.scorer.batch_scorer import BatchScorer
from winnow.scorer.champion import Champion
from winnow_schemas.codec import encode
from winnow_schemas.verdicts import Verdict

pytestmark = pytest.mark.kafka
VERDICTS = 600
BROKEN_AT = 123
WORDS = {"ham": ["meeting", "notes", "lunch"], "spam": ["win", "prize", "cash"]}
TASK: dict[str, Any] = {
    "task": "mail",
    "labels": ["ham", "spam"],
    "input": {"text": True, "features": {"size": "number"}},
    "model": {"champion": "text_logistic", "challengers": ["text_naive_bayes", "adaptive_random_forest"]},
}


@pytest.fixture
def school(make_settings: MakeSettings, tmp_path: Path) -> Deployment:
    return deploy(make_settings(http={"port": 0}), tmp_path, TASK)


def verdicts() -> list[Verdict]:
    chance = Random(4)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    made = []
    for number in range(VERDICTS):
        label = chance.choice(TASK["labels"])
        text = " ".join(chance.choices(WORDS[label] + [f"w{chance.randrange(200)}"], k=12))
        made.append(
            Verdict(
                request_id=f"s/0/{number}",
                revision=1,
                record={"id": f"r{number}", "text": text, "features": {"size": chance.gauss(label == "ham", 1)}},
                label=label,
                reason="uncertain",
                propensity=1.0,
                answers={"tester": label},
                agreement=1.0,
                answered_at=at,
                at=at,
            )
        )
    return made


def send(school: Deployment, some: list[Verdict]) -> None:
    school.send("verdicts", [(one.request_id.encode(), encode(one)) for one in some])


def states(school: Deployment) -> dict[str, Snapshot]:
    reader = SnapshotReader(
        "mail", load_model_keys(school.settings), lambda slot: slot.startswith((CHAMPION_STATE, "challenger/"))
    )
    return {s.manifest.slot: s for message in school.read("models") if (s := reader.feed(message))}


def learned(school: Deployment) -> int:
    manifests = [m.value for m in school.read("models") if m.value and is_of_champion(m.key.decode())]
    return json.loads(manifests[-1])["verdict_offset"] if manifests else 0


def followed(school: Deployment) -> BatchScorer:
    champion = Champion(school.settings.task)
    reader = SnapshotReader("mail", load_model_keys(school.settings), is_of_champion, champion.knows)
    for message in school.read("models"):
        if snapshot := reader.feed(message):
            champion.take(snapshot)
    assert champion.scorer is not None
    return champion.scorer


@pytest.mark.timeout(240)
def test_a_learner_killed_in_the_middle_ends_with_the_scores_of_a_full_replay(
    school: Deployment, tmp_path: Path
) -> None:
    everything = verdicts()
    with Workers(school.settings, tmp_path, "winnow.learner", ()) as learners:
        learners.start("0")
        for kill in range(3):
            first = VERDICTS * kill // 3
            part = everything[first : first + VERDICTS // 3]
            send(school, part[:BROKEN_AT])
            if kill == 0:
                school.send("verdicts", [(b"broken", b'{"label": ')])
            send(school, part[BROKEN_AT : VERDICTS // 3 - (kill == 2)])  # the last one waits for the last start
            eventually(lambda wanted=first + 10: learned(school) > wanted, within_s=60, what="learning")
            learners.kill("0")
            learners.start("0")
        end = VERDICTS + 1
        send(school, everything[-1:])
        eventually(lambda: learned(school) == end, within_s=60, what="all being learned")
        learners.signal("0", signal.SIGTERM)
        assert learners.wait("0", 10) == 0

    task = school.settings.task
    found = states(school)
    assert {snapshot.manifest.name for snapshot in found.values()} == {"text_logistic", *TASK["model"]["challengers"]}
    for snapshot in found.values():
        replayed = build(task, snapshot.manifest.name)
        for one in everything:
            replayed.learn_one(river_input(task, one.record), one.label)
        model = snapshot.load()
        if snapshot.manifest.slot == "state/champion":
            compiled = scorer(compile_model(task, snapshot.manifest.name, replayed, end))
            records = [one.record for one in everything[:100]]
            assert np.array_equal(followed(school).score_batch(records).table, compiled.score_matrix(records))
        inputs = [river_input(task, one.record) for one in everything[:100]]
        assert [model.predict_proba_one(x) for x in inputs] == [replayed.predict_proba_one(x) for x in inputs]
        assert snapshot.manifest.learned == VERDICTS
    assert [json.loads(message.value)["error"]["code"] for message in school.read("dead-letters")] == ["json_invalid"]


def test_a_learner_without_a_key_says_how_to_make_one(make_settings: MakeSettings, tmp_path: Path) -> None:
    task_file = tmp_path / "task.yaml"
    task_file.write_text(json.dumps(TASK))
    with Workers(make_settings(task_file=task_file), tmp_path, "winnow.learner", ()) as learners:
        learners.start("0")
        assert learners.wait("0", 30) == 2
        assert "openssl rand -hex 32" in learners.log_file("0").read_text()
