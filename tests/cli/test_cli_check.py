"""`winnow check` on files, without a cluster."""

import json

import pytest

from winnow.cli import main

GOOD = [{"text": f"letter {number} about {number % 7}", "label": ["ham", "spam"][number % 2]} for number in range(12)]


@pytest.fixture
def checked(tmp_path, capsys):
    task = tmp_path / "spam.yaml"
    task.write_text("task: spam\nlabels: [ham, spam]\ninput: {text: true}\n")

    def check(*lines, options=()):
        file = tmp_path / "labelled.jsonl"
        file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        code = main(["check", str(file), "--task", str(task), *options])
        return code, capsys.readouterr()

    return check


def test_a_good_file_is_told_to_be_good(checked):
    code, said = checked(*GOOD)
    assert code == 0
    assert "fine  contract: 12 labelled records, all as the contract wants them" in said.out
    assert "balance: labels: ham 50.0%, spam 50.0%" in said.out


def test_lines_that_cannot_be_learned_from_are_listed_and_fail(checked):
    code, said = checked(*GOOD, "no record", {"text": "x"}, {"text": "x", "label": "eggs"}, options=["--json"])
    assert code == 1
    contract = json.loads(said.out)["findings"][0]
    assert (contract["level"], contract["lines"]) == ("mend", [13, 14, 15])
    assert "3 of 15 lines" in said.err


def test_an_empty_file_fails(checked):
    code, said = checked()
    assert code == 1
    assert "mend  contract: there is no line in it" in said.out


def test_an_unknown_model_is_told_in_one_line(checked):
    code, said = checked(*GOOD * 5, options=["--model", "oracle"])
    assert code == 2
    assert "winnow: model oracle: there is no such model" in said.err


def test_without_a_task_there_is_nothing_to_check_against(tmp_path, capsys):
    assert main(["check", str(tmp_path / "x.jsonl")]) == 2
    assert "--task" in capsys.readouterr().err
