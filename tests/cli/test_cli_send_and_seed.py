"""`winnow send` and `winnow seed` on a real broker."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from confluent_kafka import Producer
from tests.conftest import MakeSettings

from winnow.cli import main
from winnow.cli.record_sender import RecordSender
from winnow.cli.settings_options import as_environment
from winnow.cli.topic_reader import TopicReader
from winnow.runtime import admin
from winnow.runtime.settings import Settings
from winnow_schemas.codec import decode, decode_record, encode
from winnow_schemas.dead_letters import DeadLetter, ErrorDetail, Position
from winnow_schemas.decisions import Decision
from winnow_schemas.labels import Label
from winnow_schemas.unlabelled import Unlabelled
from winnow_schemas.verdicts import Verdict

if TYPE_CHECKING:
    from winnow.cli.outcome_feed import Ended

pytestmark = pytest.mark.parametrize("cluster", ["kafka"], indirect=True)

LINES = [
    '{"id": "a", "text": "first", "label": "ham"}',
    '{"id": "b", "text": "second", "label": "spam"}',
    '{"id": "c", "text": "third", "label": "eggs"}',
    "no record",
    '{"id": "d", "text": "fourth"}',
]


@pytest.fixture
def settings(make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    task = tmp_path / "task.yaml"
    task.write_text("task: spam\nlabels: [ham, spam]\ninput: {text: true}\n")
    settings = make_settings(task_file=task)
    admin.create_topics(settings)
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    return settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "records.jsonl"
    path.write_text("\n".join(LINES))
    return path


def values(settings: Settings, topic: str) -> list[bytes]:
    with TopicReader(settings, (settings.topics[topic],), "beginning") as reader:  # type: ignore[index]
        return [message.value or b"" for message in reader.read_to_end()]


def test_the_same_file_seeded_twice_teaches_once(
    settings: Settings, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["seed", str(file), "--json"]) == 1
    first = capsys.readouterr()
    assert main(["seed", str(file), "--json"]) == 1
    second = json.loads(capsys.readouterr().out)

    verdicts = [decode(Verdict, value) for value in values(settings, "verdicts")]
    assert [(verdict.record["id"], verdict.label, verdict.reason) for verdict in verdicts] == [
        ("a", "ham", "seed"),
        ("b", "spam", "seed"),
    ]
    assert json.loads(first.out) == {"seeded": 2, "known_already": 0, "bad_lines": 3, "kept_back": 0, "trials": {}}
    assert second == {"seeded": 0, "known_already": 2, "bad_lines": 3, "kept_back": 0, "trials": {}}
    for number in (3, 4, 5):
        assert f"records.jsonl:{number}:" in first.err


def test_the_newest_records_are_kept_back_and_every_kind_of_model_is_tried_on_them(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = [f'{{"at": "2026-01-{day:02}T00:00:00Z", "text": "day {day}", "label": "ham"}}' for day in range(20, 10, -1)]
    (tmp_path / "days.jsonl").write_text("\n".join(days))
    assert main(["seed", str(tmp_path / "days.jsonl"), "--json"]) == 0

    verdicts = [decode(Verdict, value) for value in values(settings, "verdicts")]
    assert [(verdict.record["text"], verdict.use) for verdict in verdicts] == [
        *((f"day {day}", None) for day in range(11, 18)),
        *((f"day {day}", "trial") for day in (18, 19, 20)),
    ]
    trials = json.loads(capsys.readouterr().out)["trials"]
    assert {name: grades["verdicts"] for name, grades in trials.items()} == {
        "text_logistic": 3,
        "text_naive_bayes": 3,
        "committee": 3,
    }


def test_a_file_is_sent_without_its_labels_and_without_its_bad_lines(
    settings: Settings, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", str(file), "--json"]) == 1

    said = capsys.readouterr()
    sent = [decode_record(value) for value in values(settings, "records")]
    assert json.loads(said.out) == {"sent": 4, "bad_lines": 1}
    assert sorted(record["id"] for record in sent) == ["a", "b", "c", "d"]
    assert not any("label" in record for record in sent)
    assert "records.jsonl:4:" in said.err


def test_raw_lines_are_sent_as_they_are(settings: Settings, file: Path) -> None:
    assert main(["send", str(file), "--raw"]) == 0

    assert sorted(values(settings, "records")) == sorted(line.encode() for line in LINES)


def test_at_most_so_many_records_stay_unanswered(settings: Settings) -> None:
    heard: list[Ended] = []
    with RecordSender(settings, 3, heard.append) as sender, Answerer(settings) as answerer:
        for number in range(12):
            sender.send(str(number).encode(), b'{"text": "x"}')
            assert sender.open <= 3
        sender.flush()
        while sender.open:
            sender.listen()

    assert answerer.answered == 12
    assert {ended.kind for ended in heard} == {"human", "dead_letter"}


class Answerer:
    """Gives each record an outcome, in a thread: a dead letter for every third, a label for the others."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._answer)
        self.answered = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _answer(self) -> None:
        topics = self._settings.topics
        producer = Producer(self._settings.producer_config(None))
        with TopicReader(self._settings, (topics["records"],), "beginning") as reader:
            while not self._stop.is_set():
                for message in reader.poll(0.1):
                    self.answered += 1
                    position = Position(topic=message.topic, partition=message.partition, offset=message.offset)
                    dead = self.answered % 3 == 0
                    topic = topics["dead-letters" if dead else "labels"]
                    producer.produce(topic, _outcome(position, dead=dead), key=b"a compacted topic wants one")
                producer.flush(10)


def _outcome(position: Position, *, dead: bool) -> bytes:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 1, tzinfo=UTC)
    if dead:
        detail = ErrorDetail(code="x", message="x")
        return encode(DeadLetter(original=b"eA==", source=position, error=detail, service="s", attempts=1, at=now))
    decision_id = f"abcdefgh/{position.partition}/{position.offset}"
    return encode(
        Label(record_id="r", label="ham", source="human", revision=2, decision_id=decision_id, decided_at=now, at=now)
    )


def test_what_the_budget_left_is_sent_again_once(settings: Settings, capsys: pytest.CaptureFixture[str]):
    producer = Producer(settings.producer_config(None))
    for offset, name in enumerate("ab"):
        producer.produce(settings.topics["records"], json.dumps({"id": name, "text": name}), partition=0)
        decision = Decision(
            decision_id=f"{admin.stream_id(settings)}/0/{offset}",
            reason="budget",
            propensity=0.05,
            look="none",
            model_version=-1,
            policy_version=-1,
            decided_at=datetime.now(UTC),
        )
        left = Unlabelled(
            record_id=name,
            decision_id=decision.decision_id,
            record={"id": name, "text": name},
            reason="budget",
            decision=decision,
            at=decision.decided_at,
        )
        producer.produce(settings.topics["unlabelled"], encode(left), name.encode())
    producer.flush(10)
    sent = []
    for limit in (["--limit", "1"], [], []):
        assert main(["redrive", "unlabelled", "--json", *limit]) == 0
        sent.append(json.loads(capsys.readouterr().out)["sent"])
    assert sent == [1, 1, 0]
    assert sorted(decode_record(value)["id"] for value in values(settings, "records")) == ["a", "a", "b", "b"]
