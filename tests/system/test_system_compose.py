"""`docker compose up`: the same as `winnow up`, in containers, sorts the sample."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support.containers import COMPOSE_FILE, docker_answers
from tests.support.waiting import eventually

from winnow.demo.sample import SAMPLE

pytestmark = pytest.mark.docker
PROJECT = "winnow-under-test"
MAILS = 6046


class Compose:
    """The compose file as a project of its own."""

    def __init__(self) -> None:
        self.environment = {**os.environ, "COMPOSE_PROJECT_NAME": PROJECT}

    def __call__(self, *arguments: str, within_s: float = 300) -> subprocess.CompletedProcess[str]:
        command = ["docker", "compose", "--file", str(COMPOSE_FILE), *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=within_s, check=False
        )

    def must(self, *arguments: str, within_s: float = 300) -> str:
        done = self(*arguments, within_s=within_s)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


@pytest.fixture
def compose() -> Iterator[Compose]:
    if not docker_answers():
        pytest.skip("no Docker daemon answers")
    compose = Compose()
    if compose("version").returncode != 0:
        pytest.skip("docker has no compose plugin")
    forget = ("down", "--volumes", "--remove-orphans")
    compose(*forget)  # what a run left that was cut off
    yield compose
    compose(*forget)


@pytest.mark.timeout(900)
def test_compose_sorts_the_sample_and_verify_agrees(compose: Compose, tmp_path: Path) -> None:
    compose.must("build", within_s=600)
    compose.must("up", "--detach", "--wait", "--pull", "missing", within_s=300)
    token = re.search(r"token[^:]*: (\S+)", compose.must("logs", "--no-log-prefix", "setup"))
    assert token

    sample = ("--volume", f"{SAMPLE}:/sample.jsonl.gz:ro")
    people = ("simulate-reviewers", "/sample.jsonl.gz", "--url", "http://review:8000", "--delay", "0.02")
    compose.must("run", "--detach", "--rm", *sample, "cli", *people, "--token", token[1])
    compose.must("run", "--rm", *sample, "cli", "send", "/sample.jsonl.gz", "--max-open", "200", within_s=600)
    account = eventually(lambda: _finished(compose), within_s=120, what="all outcomes")

    assert account["records"] == MAILS
    assert account["auto"] > MAILS / 4
    for port in (8000, 8004):
        assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).is_success


def _finished(compose: Compose) -> dict[str, int] | None:
    done = compose("run", "--rm", "cli", "verify", "--json")
    if done.returncode != 0:
        return None
    account = json.loads(done.stdout)
    return None if account["waiting"] or account["in_review"] else account
