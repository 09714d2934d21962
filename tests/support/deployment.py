"""A whole deployment for a test: task, secrets, topics, and services as processes that may be killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml
from confluent_kafka import Producer
from tests.support.child_process import end_child, start_child
from tests.support.waiting import eventually

from winnow.cli import secret_files
from winnow.cli.settings_options import as_environment
from winnow.cli.topic_reader import TopicReader
from winnow.demo.free_port import free_ports
from winnow.runtime import admin
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import PREFIX, Settings
from winnow_schemas.topics import TopicName

REVIEW_TOKEN_OF = "tester"


@dataclass
class Deployment:
    """Services of one deployment, each a process of its own; all end with the test."""

    settings: Settings
    directory: Path
    token: str
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[tuple[str, str], subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, service: str, slot: str = "0") -> None:
        """Start (again) one worker of a service."""
        port = self.ports.setdefault(f"{service}.{slot}", free_ports(1)[0])
        ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environment = {
            **ours,
            **as_environment(self.settings),
            f"{PREFIX}HTTP__PORT": str(port),
            f"{PREFIX}SLOT": slot,
        }
        command = [sys.executable, "-m", "winnow", "run", service]
        log = self.log_of(service, slot)
        self.processes[service, slot] = start_child(command, output=log, environment=environment)

    def address(self, service: str, slot: str = "0") -> str:
        """Where a worker answers over HTTP."""
        return f"http://127.0.0.1:{self.ports[f'{service}.{slot}']}"

    def is_ready(self, service: str, slot: str = "0") -> bool:
        """Whether a worker says it is ready; fails the test when its process has ended."""
        process = self.processes[service, slot]
        assert process.poll() is None, self.said(service, slot)
        try:
            return httpx.get(f"{self.address(service, slot)}/readyz", timeout=2).is_success
        except httpx.HTTPError:
            return False

    def wait_ready(self, *services: str, within_s: float = 60) -> None:
        """Until all these services (slot 0) are ready."""
        for service in services:
            eventually(lambda name=service: self.is_ready(name), within_s=within_s, what=f"{service} being ready")

    def kill(self, service: str, slot: str = "0") -> None:
        """kill -9."""
        process = self.processes[service, slot]
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, service: str, slot: str = "0") -> int:
        """SIGTERM; the exit code."""
        return end_child(self.processes[service, slot], within_s=40)

    def close(self) -> None:
        """End everything."""
        for process in self.processes.values():
            end_child(process)

    def log_of(self, service: str, slot: str = "0") -> Path:
        """Where a worker prints."""
        return self.directory / f"{service}.{slot}.log"

    def said(self, service: str, slot: str = "0") -> str:
        """The end of what a worker printed."""
        return self.log_of(service, slot).read_text(errors="replace")[-3000:]

    def winnow(self, *arguments: str, within_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run the command line against this deployment."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return subprocess.run(
            [sys.executable, "-m", "winnow", *arguments],
            env={**ours, **as_environment(self.settings)},
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )

    def verify(self) -> dict[str, Any]:
        """What `winnow verify` finds; fails the test when an outcome is missing or double."""
        done = self.winnow("verify", "--json")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return json.loads(done.stdout)

    def replay(self) -> dict[str, Any]:
        """What `winnow replay --from-topics` finds; fails the test when a decision does not come out again."""
        done = self.winnow("replay", "--from-topics", "--json", "-", within_s=200)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return json.loads(done.stdout)

    def send(self, topic: TopicName, messages: Iterable[tuple[bytes | None, bytes]]) -> None:
        """Produce messages and wait until all are there."""
        producer = Producer(self.settings.producer_config(None))
        for key, value in messages:
            while True:
                try:
                    producer.produce(self.settings.topics[topic], value, key)
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        assert producer.flush(60) == 0

    def read(self, topic: TopicName) -> list[Incoming]:
        """All committed messages that are there now."""
        with TopicReader(self.settings, [self.settings.topics[topic]], "beginning") as reader:
            return list(reader.read_to_end())

    def count(self, topic: TopicName) -> int:
        """How many committed messages a topic holds."""
        return len(self.read(topic))


def deploy(settings: Settings, directory: Path, task: Mapping[str, Any]) -> Deployment:
    """Topics, secrets and the task file; no service runs yet."""
    task_file = directory / "task.yaml"
    task_file.write_text(yaml.safe_dump(dict(task)))
    reviewers = directory / "reviewers.yaml"
    token = secret_files.add_reviewer(reviewers, REVIEW_TOKEN_OF, "operator")
    keys = directory / "model.keys"
    secret_files.add_model_key(keys)
    complete = settings.model_copy(
        update={
            "task_file": task_file,
            "secrets": settings.secrets.model_copy(update={"model_key_file": keys}),
            "review": settings.review.model_copy(update={"reviewers_file": reviewers}),
        }
    )
    admin.create_topics(complete)
    return Deployment(complete, directory, token)
