"""`winnow functions`: what a person learns of their labelling functions."""

import json
from pathlib import Path

import pytest

from winnow.cli import main

RULES = '''
def cash(record):
    """Cash is spam."""
    return "spam" if "cash" in record["text"] else None

def short(record):
    return "ham" if len(record["text"]) < 12 else None

def broken(record):
    return record["nothing"]
'''
RECORDS = [("win cash now", "spam"), ("cash", "spam"), ("notes", "ham"), ("a long message without anything", "ham")]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / "tasks"
    folder.mkdir()
    (folder / "rules.py").write_text(RULES)
    task = "task: spam\nlabels: [ham, spam]\ninput: {text: true}\n"
    (folder / "spam.yaml").write_text(f"{task}labelling_functions: rules.py\n")
    (folder / "plain.yaml").write_text(task)
    lines = [json.dumps({"text": text, "label": label}) for text, label in RECORDS]
    (tmp_path / "mails.jsonl").write_text("\n".join([*lines, "no record"]) + "\n")


def test_they_are_listed_with_what_they_say_of_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "list", "--task", "tasks/spam.yaml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == [
        {"name": "cash", "about": "Cash is spam."},
        {"name": "short", "about": ""},
        {"name": "broken", "about": ""},
    ]


def test_a_file_tells_how_often_they_vote_and_how_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "test", "mails.jsonl", "--task", "tasks/spam.yaml", "--json"]) == 0
    said = capsys.readouterr()
    values = json.loads(said.out)
    cash, short, broken = (values["functions"][name] for name in ("cash", "short", "broken"))
    assert (values["records"], values["without_any_vote"]) == (4, 1)
    assert (cash["coverage"], cash["accuracy"], cash["conflicts"]) == (0.5, 1.0, 0.25)
    assert (short["accuracy"], short["overlaps"]) == (0.5, 0.25)
    assert (broken["coverage"], broken["failures"]) == (0.0, {"error": 4})
    assert "mails.jsonl:5" in said.err


def test_people_see_a_table_and_the_first_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "test", "mails.jsonl", "--task", "tasks/spam.yaml"]) == 0
    said = capsys.readouterr()
    assert "4 records, 1 without any vote" in said.out
    assert "broken: KeyError: 'nothing'" in said.err


def test_a_task_without_functions_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "list", "--task", "tasks/plain.yaml"]) == 2
    assert "names no labelling functions: add `labelling_functions: FILE.py`" in capsys.readouterr().err
