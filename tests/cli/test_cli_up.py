"""`winnow up`, and the other commands against what it runs."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.support.waiting import eventually

from winnow.cli import main
from winnow.cli.service_fleet import WORKERS_APART
from winnow.demo.free_port import LOWEST, is_free
from winnow.runtime.settings import HTTP_PORTS

RECORDS = 20
_PORTS = max(HTTP_PORTS.values()) - min(HTTP_PORTS.values()) + WORKERS_APART


def _first_of_free(count: int) -> int:
    """Ports in a row that are free, from where nobody else takes single ones."""
    starts = range(LOWEST - 3000 + os.getpid() % 1000, LOWEST - count, count)
    return next(start for start in starts if all(is_free(start + number) for number in range(count)))


class Up:
    """A running `winnow up --embedded` and what it has said."""

    def __init__(self, directory: Path) -> None:
        self.output = directory / "up.out"
        self.base = _first_of_free(_PORTS)
        arguments = ["up", "--embedded", "--task", "task.yaml", "--port-base", str(self.base), "--logs", "logs"]
        arguments += ["--scorers", "2"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WINNOW_")}
        with self.output.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "winnow", *arguments], cwd=directory, stdout=sink, env=environment
            )

    def said(self, pattern: str) -> str:
        """What it says that matches."""

        def found() -> str:
            assert self.process.poll() is None
            match = re.search(pattern, self.output.read_text())
            return match[1] if match else ""

        return eventually(found, within_s=90, what=pattern)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    (tmp_path / "task.yaml").write_text("task: spam\nlabels: [ham, spam]\ninput: {text: true}\n")
    running = Up(tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


def test_everything_comes_up_serves_the_other_commands_and_dies_with_its_parent(
    up: Up, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap = up.said(r"Kafka at (\S+),")
    token = up.said(r"token to log in with, shown this once: (\S+)")
    up.said("(scorer.1 is ready)")
    up.said("(all services are ready)")
    records = tmp_path / "records.jsonl"
    records.write_text(
        "".join(json.dumps({"id": f"r{n}", "text": f"mail {n}", "label": "ham"}) + "\n" for n in range(RECORDS))
    )
    cluster = ["--bootstrap", bootstrap, "--task", str(tmp_path / "task.yaml")]

    assert main(["topics", "check", *cluster, "--json"]) == 0
    assert main(["send", str(records), *cluster]) == 0
    review = f"http://127.0.0.1:{up.base}"
    answering = ["simulate-reviewers", str(records), "--token", token, "--url", review, "--delay", "0"]
    assert main([*answering, "--answers", str(RECORDS)]) == 0
    capsys.readouterr()

    def account() -> dict[str, int]:
        main(["verify", *cluster, "--json"])
        return json.loads(capsys.readouterr().out)

    assert eventually(lambda: account()["human"] == RECORDS, within_s=20, what="all labels")
    assert account()["holds"]
    assert main(["status", *cluster, "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert any("scorer" in group for group in status["lag"])
    assert any(model["slot"] == "champion" and model["learned"] == RECORDS for model in status["models"])

    children = psutil.Process(up.process.pid).children(recursive=True)
    assert len(children) >= 16
    up.process.send_signal(signal.SIGKILL)
    eventually(lambda: not any(child.is_running() for child in children), within_s=15, what="the end of all children")


def test_ctrl_c_ends_everything_with_exit_code_0(up: Up) -> None:
    up.said("(Kafka at)")
    eventually(lambda: "scorer" in str([p.name for p in (up.output.parent / "logs").glob("*")]), what="the services")
    children = psutil.Process(up.process.pid).children(recursive=True)

    up.process.send_signal(signal.SIGINT)

    assert up.process.wait(timeout=20) == 0
    assert not any(child.is_running() for child in children)
