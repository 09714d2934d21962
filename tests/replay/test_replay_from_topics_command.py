"""`winnow replay --from-topics` as a person meets it: a table, the differences line by line, wrong usage in one."""

import pytest
from tests.replay.topics_story import KeptTopics, told_story

from winnow.cli import main
from winnow.cli.topics_replay_summary import say_findings, what_differs

TASK = (
    "task: sizes\nlabels: [small, large]\ninput: {features: {size: number}}\nmodel: {champion: gaussian_naive_bayes}\n"
)


@pytest.fixture(scope="module")
def logs():
    return told_story(90)


@pytest.fixture(autouse=True)
def _own_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "task.yaml").write_text(TASK)
    (tmp_path / "sizes.jsonl").write_text('{"features": {"size": 1.0}, "label": "large"}\n')


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--task", "task.yaml"], "give a FILE of labelled records, or --from-topics"),
        (["sizes.jsonl", "--from-topics", "--task", "task.yaml"], "either a FILE or --from-topics, not both"),
        (["--from-topics", "--html", "out.html"], "--html and --decisions are for a FILE"),
        (["--from-topics", "--json", "nowhere/out.json", "--bootstrap", "127.0.0.1:1"], "cannot write it"),
        (["--from-topics", "--task", "task.yaml"], "WINNOW_KAFKA__BOOTSTRAP_SERVERS"),
        (["sizes.jsonl"], "no task file given"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments, names, capsys):
    assert main(["replay", *arguments]) == 2

    (line,) = capsys.readouterr().err.strip().splitlines()
    assert names in line


def test_a_file_is_still_replayed_with_the_task_of_the_environment(monkeypatch, capsys):
    monkeypatch.setenv("WINNOW_TASK_FILE", "task.yaml")

    assert main(["replay", "sizes.jsonl"]) == 0

    assert "labelled by the machine" in capsys.readouterr().out


def test_a_run_that_comes_out_again_is_a_table_and_a_word(logs, capsys):
    findings = KeptTopics(logs).check()

    say_findings(findings)

    said = capsys.readouterr().out
    assert "everything that could be made again is equal" in said
    assert "100.00 %" in said
    assert "model from verdicts, learned anew" in said
    assert what_differs(findings) == ""


def test_what_cannot_be_made_again_is_told_with_its_reason(logs, capsys):
    topics = KeptTopics(logs)
    topics.logs["verdicts"] = []
    topics.first_offsets["evidence"] = 5

    say_findings(topics.check())

    said = capsys.readouterr().out
    assert "cannot be made again: its model is neither on models nor do verdicts make it" in said
    assert "what the monitor said was not made again: evidence begins at 5" in said


def test_differences_are_lines_with_both_sides_and_the_rest_a_number(logs, capsys):
    topics = KeptTopics(logs)
    for place, _ in enumerate(topics.logs["review-requests"]):
        value = topics.logs["review-requests"][place].value.replace(b'"blind":false', b'"blind":true')
        topics.put("review-requests", place, value)

    findings = topics.check(kept=1)
    say_findings(findings)

    said = capsys.readouterr()
    assert "(review-requests" in said.err
    assert "blind: recorded True, made again False" in said.err
    assert f"{findings.decisions.different - 1} more that differ" in said.err
    assert what_differs(findings) == f"{findings.decisions.different} decisions differ"
    assert "equal" not in said.out.splitlines()[-1]
