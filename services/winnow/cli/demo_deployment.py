"""A whole deployment for the demo: broker, Redis, topics, secrets and services, gone without a trace at the end."""

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from winnow.cli import secret_files
from winnow.cli.failures import CommandFailed
from winnow.cli.restart_policy import RestartPolicy
from winnow.cli.service_fleet import PAGES, Ports, address, asking_readiness, fleet
from winnow.cli.settings_options import quiet
from winnow.cli.supervisor import Supervisor
from winnow.cli.terminal import complain
from winnow.demo.broker import free_port
from winnow.demo.embedded_broker import EmbeddedBroker
from winnow.demo.embedded_redis import EmbeddedRedis
from winnow.demo.sample import TASK
from winnow.runtime import admin
from winnow.runtime.settings import HTTP_PORTS, Settings

READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.1
RESTARTS = RestartPolicy(most_failures=3)


@dataclass(frozen=True)
class DemoDeployment:
    """A running deployment, its pages, and the tokens of those who review."""

    settings: Settings
    ports: Ports
    supervisor: Supervisor
    operator_token: str
    reviewer_tokens: Sequence[str]

    def address_of(self, service: str) -> str:
        """Where a service answers."""
        return address(self.settings, self.ports[service])

    def pages(self) -> dict[str, str]:
        """Addresses for people, by name."""
        return {name: f"{self.address_of(service)}/" for service, name in PAGES.items()}


@contextmanager
def demo_deployment(reviewers: int, logs: Path, stop: threading.Event) -> Iterator[DemoDeployment]:
    """Ready when entered; nothing is left of it afterwards but the logs."""
    with (
        tempfile.TemporaryDirectory(prefix="winnow-demo-") as name,
        EmbeddedBroker() as broker,
        EmbeddedRedis() as redis,
    ):
        directory = Path(name)
        operator = secret_files.complete_secrets(directory) or ""
        tokens = [
            secret_files.add_reviewer(directory / secret_files.REVIEWERS, f"simulated-{number}", "reviewer")
            for number in range(1, reviewers + 1)
        ]
        (directory / "task.yaml").write_text(TASK, encoding="utf-8")
        settings = Settings(
            broker=broker.kind,
            kafka={"bootstrap_servers": broker.bootstrap_servers},
            redis={"url": redis.url},
            task_file=directory / "task.yaml",
            prefix="winnow",
            partitions=4,
            **secret_files.settings_for(directory),
        )
        admin.create_topics(quiet(settings))
        ports = _free_ports()
        with Supervisor(fleet(settings, ports, logs), RESTARTS, complain) as supervisor:
            _wait_until_ready(settings, ports, supervisor, stop)
            yield DemoDeployment(quiet(settings), ports, supervisor, operator, tokens)


def _free_ports() -> dict[str, int]:
    ports: dict[str, int] = {}
    while len(set(ports.values())) < len(HTTP_PORTS):
        ports = {service: free_port() for service in HTTP_PORTS}
    return ports


def _wait_until_ready(settings: Settings, ports: Ports, supervisor: Supervisor, stop: threading.Event) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    with asking_readiness(settings, ports) as readiness:
        while readiness.missing:
            readiness.ask()
            supervisor.watch()
            if time.monotonic() > deadline:
                raise CommandFailed(f"not ready within {READY_WITHIN_S:.0f} s: {', '.join(sorted(readiness.missing))}")
            if stop.wait(LOOK_EVERY_S):
                raise CommandFailed("interrupted")
