"""What a person at the command line meets: help, errors in one line, exit codes."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from winnow.cli import app, main
from winnow.cli.settings_options import as_environment
from winnow.runtime.settings import Settings, load_settings

NOBODY = "127.0.0.1:1"


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in (group or typer.main.get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def task_file(tmp_path: Path) -> Path:
    path = tmp_path / "spam.yaml"
    path.write_text("task: spam\nlabels: [ham, spam]\ninput: {text: true}\n")
    return path


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0

    assert f"Example: winnow {' '.join(command)}" in capsys.readouterr().out


def test_the_commands_of_the_design_are_there() -> None:
    first_words = {command[0] for command in commands()}

    wanted = {"demo", "up", "run", "topics", "seed", "send", "simulate-reviewers", "status", "verify", "version"}
    wanted |= {"recall", "halt", "resume", "replay"}
    assert wanted <= first_words


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["send"], "'file'"),
        (["no-such-command"], "no-such-command"),
        (["run", "baker"], "baker"),
        (["send", "missing.jsonl", "--bootstrap", NOBODY, "--max-open", "0"], "--max-open"),
        (["status", "--settings", "missing.yaml"], "missing.yaml"),
        (["verify"], "WINNOW_KAFKA__BOOTSTRAP_SERVERS"),
        (["topics", "create", "--bootstrap", NOBODY, "--wait", "0.2"], NOBODY),
        (["reviewers", "add", "ada"], "--file"),
        (["reviewers", "revoke", "ada", "--file", "missing.yaml"], "missing.yaml"),
        (["demo", "--records", "100", "--seed", "100"], "--seed: fewer than the 100 mails are wanted"),
        (["dispute"], "'record_id'"),
        (["gold", "import", "missing.jsonl"], "WINNOW_KAFKA__BOOTSTRAP_SERVERS"),
        (["recall", "--bootstrap", NOBODY], "--epoch N or --policy A..B"),
        (["recall", "--epoch", "1", "--policy", "1..2"], "--epoch N or --policy A..B"),
        (["halt"], "--note"),
    ],
)
def test_wrong_usage_is_one_line_on_stderr_and_exit_code_2(
    arguments: list[str], names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    assert names in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, "no such task file"),
        ("task: [", "no YAML"),
        ("task: spam\nlabels: [ham, spam]\ninput: {text: true}\ncolour: red\n", "colour"),
        (
            "task: spam\nlabels: [ham, spam]\ninput: {text: true}\nmodel: {search: [committee]}\n",
            "no settings to choose",
        ),
    ],
    ids=["missing", "no YAML", "unknown key", "unknown search"],
)
def test_a_bad_task_file_is_told_before_anything_starts(
    text: str | None, names: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yaml"
    if text is not None:
        path.write_text(text)

    assert main(["up", "--task", str(path), "--bootstrap", NOBODY]) == 2

    said = capsys.readouterr().err
    assert names in said
    assert len(said.strip().splitlines()) == 1


def test_an_unreachable_broker_fails_in_one_line(task_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = task_file.with_name("records.jsonl")
    records.write_text('{"text": "x", "label": "ham"}\n')

    assert main(["send", str(records), "--task", str(task_file), "--bootstrap", NOBODY]) == 2

    said = capsys.readouterr().err
    assert len([line for line in said.splitlines() if line.startswith("winnow: ")]) == 1
    assert NOBODY in said


def test_the_catalogue_is_listed_without_a_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "list", "--prefix", "mail", "--json"]) == 0

    listed = json.loads(capsys.readouterr().out)
    assert {"mail.records.v1", "mail.dead-letters.v1"} <= {topic["name"] for topic in listed}


def test_a_reviewers_token_is_shown_once_and_kept_as_a_hash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "reviewers.yaml"

    assert main(["reviewers", "add", "ada", "--file", str(path), "--role", "operator", "--json"]) == 0

    token = json.loads(capsys.readouterr().out)["token"]
    assert token not in path.read_text()
    assert [entry["name"] for entry in yaml.safe_load(path.read_text())] == ["ada"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert main(["reviewers", "add", "ada", "--file", str(path)]) == 2


def test_a_reviewer_who_is_taken_out_is_gone_and_may_come_back_with_a_new_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, name = tmp_path / "reviewers.yaml", "--file"
    assert main(["reviewers", "add", "ada", name, str(path)]) == 0
    assert main(["reviewers", "add", "archive", name, str(path), "--role", "consumer"]) == 0
    assert main(["reviewers", "revoke", "ada", name, str(path)]) == 0
    assert main(["reviewers", "revoke", "ada", name, str(path)]) == 2
    assert "ada is no reviewer (there: archive)" in capsys.readouterr().err
    assert main(["reviewers", "list", name, str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"name": "archive", "role": "consumer"}]
    assert main(["reviewers", "add", "ada", name, str(path)]) == 0


def test_a_new_key_signs_first_and_the_one_before_still_verifies(tmp_path: Path) -> None:
    path = tmp_path / "model.keys"
    for _ in range(3):
        assert main(["keys", "new", str(path)]) == 0

    keys = path.read_text().split()

    assert len(keys) == 2
    assert all(len(bytes.fromhex(key.split(":")[1])) == 32 for key in keys)


def test_a_salt_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "salt"

    assert main(["keys", "salt", str(path)]) == 0
    before = path.read_text()

    assert main(["keys", "salt", str(path)]) == 2
    assert path.read_text() == before


def test_another_process_gets_the_same_settings_from_its_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = Settings(
        prefix="mail",
        partitions=7,
        broker="tansu",
        task_file=tmp_path / "task.yaml",
        kafka={"bootstrap_servers": "one:9092,two:9092", "sasl_password": "1234"},
        redis={"url": "redis://there:6379/3"},
        secrets={"salt": "a secret salt", "model_key_file": tmp_path / "keys"},
        review={"reviewers_file": tmp_path / "reviewers.yaml"},
        http={"host": "0.0.0.0"},
    )
    for name, value in as_environment(given).items():
        monkeypatch.setenv(name, value)

    assert load_settings() == given


def test_flags_go_before_the_file_and_the_file_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WINNOW_PREFIX", "environment")
    monkeypatch.setenv("WINNOW_PARTITIONS", "3")
    (tmp_path / "settings.yaml").write_text("prefix: file\npartitions: 5\n")

    assert main(["topics", "list", "--settings", "settings.yaml", "--prefix", "flag", "--json"]) == 0

    records = json.loads(capsys.readouterr().out)[0]
    assert records["name"] == "flag.records.v1"
    assert records["partitions"] == 5
