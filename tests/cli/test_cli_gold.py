"""`winnow gold`: from lines of a file to verdicts that mark records, on a real broker."""

import json
from pathlib import Path

import pytest
from confluent_kafka import Producer
from tests.conftest import MakeSettings
from tests.review.review_messages import NOON, review_request

from winnow.cli import main
from winnow.cli.gold_marks import GoldLine, VerdictsKnown, gold_lines, mark_of
from winnow.cli.record_lines import BadLine
from winnow.cli.settings_options import as_environment
from winnow.cli.topic_reader import TopicReader
from winnow.runtime import admin
from winnow.runtime.settings import Settings
from winnow_schemas.codec import decode, encode
from winnow_schemas.verdicts import Verdict, verdict_key


def verdict(number: int, label: str = "spam") -> Verdict:
    """What ada answered about record NUMBER."""
    request = review_request(number)
    return Verdict(
        request_id=request.request_id,
        revision=1,
        record=request.record,
        label=label,
        reason="uncertain",
        propensity=1.0,
        decision=request.decision,
        answers={"ada": label},
        agreement=1.0,
        answered_at=NOON,
        at=NOON,
    )


def test_lines_name_a_record_or_bring_it_whole() -> None:
    lines = [
        b'{"id": "a", "label": "ham"}',
        b'{"id": "b", "text": "x", "label": "spam"}',
        b'{"text": "x", "label": "spam"}',
        b'{"id": "c", "text": "x"}',
        b"no record",
    ]
    found = list(gold_lines(enumerate(lines, start=1)))
    assert found[:2] == [GoldLine(1, "a", "ham"), GoldLine(2, "b", "spam", {"id": "b", "text": "x"})]
    assert [line.problem for line in found[2:4] if isinstance(line, BadLine)] == [
        "id: it is missing",
        "label: it is missing",
    ]
    assert isinstance(found[4], BadLine)


def test_what_the_machine_said_and_who_answered_is_taken_over_from_the_verdict() -> None:
    known = VerdictsKnown(frozenset({"record-1"}), newest={"record-1": verdict(1)})
    mark = mark_of(GoldLine(1, "record-1", "ham"), known, "operator", NOON)
    assert isinstance(mark, Verdict)
    assert (mark.label, mark.reason, mark.answers) == ("ham", "gold", {"ada": "spam", "operator": "ham"})
    assert mark.decision == review_request(1).decision


def test_an_id_without_a_verdict_cannot_be_marked() -> None:
    bad = mark_of(GoldLine(7, "nobody", "ham"), VerdictsKnown(frozenset({"nobody"})), "operator", NOON)
    assert isinstance(bad, BadLine)
    assert "give the whole record" in bad.problem


@pytest.fixture
def settings(make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    task = tmp_path / "task.yaml"
    task.write_text("task: spam\nlabels: [ham, spam]\ninput: {text: true}\n")
    settings = make_settings(task_file=task)
    admin.create_topics(settings)
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    return settings


@pytest.mark.parametrize("cluster", ["kafka"], indirect=True)
def test_a_file_of_gold_is_marked_once_listed_and_taken_out_again(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    producer = Producer(settings.producer_config(None))
    producer.produce(settings.topics["verdicts"], encode(verdict(1)), verdict_key("streamid/0/1", 1))
    assert producer.flush(30) == 0
    file = tmp_path / "gold.jsonl"
    file.write_text(
        '{"id": "record-1", "label": "spam"}\n{"id": "new", "text": "x", "label": "ham"}\n{"id": "e", "label": "eggs"}'
    )
    for marked, known in ((2, 0), (0, 2)):
        assert main(["gold", "import", str(file), "--json"]) == 1
        told = capsys.readouterr()
        assert json.loads(told.out) == {"marked": marked, "known_already": known, "bad_lines": 1}
        assert ":3: label: one of ham, spam is wanted (found: eggs)" in told.err
    assert main(["gold", "mark", "record-1"]) == 0
    assert main(["gold", "mark", "nobody"]) == 1
    assert main(["gold", "remove", "new"]) == 0
    assert main(["gold", "remove", "new"]) == 1
    capsys.readouterr()
    assert main(["gold", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"record_id": "record-1", "label": "spam"}]
    with TopicReader(settings, (settings.topics["verdicts"],), "beginning") as reader:
        marks = [decode(Verdict, each.value) for each in reader.read_to_end() if each.value][1:]
    assert [each.reason for each in marks] == ["gold", "gold"]
