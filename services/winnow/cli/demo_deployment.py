"""A whole deployment for the demo: broker, Redis, topics, secrets and services, gone without a trace at the end."""

import secrets
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka.admin import AdminClient

from winnow.cli import secret_files
from winnow.cli.failures import CommandFailed
from winnow.cli.restart_policy import RestartPolicy
from winnow.cli.service_fleet import PAGES, Ports, address, asking_readiness, fleet
from winnow.cli.settings_options import quiet
from winnow.cli.supervisor import Supervisor
from winnow.cli.terminal import complain
from winnow.demo.embedded_broker import EmbeddedBroker
from winnow.demo.embedded_redis import EmbeddedRedis
from winnow.demo.free_port import free_ports
from winnow.runtime import admin
from winnow.runtime.settings import HTTP_PORTS, Settings

READY_WITHIN_S = 60.0
BROKER_WAIT_S = 10.0
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


@dataclass(frozen=True)
class GivenServers:
    """A Kafka and a Redis that are there already; for what is None one is embedded."""

    bootstrap: str | None = None
    redis: str | None = None


@contextmanager
def demo_deployment(
    task: str, given: GivenServers, reviewers: int, logs: Path, stop: threading.Event
) -> Iterator[DemoDeployment]:
    """Ready when entered; nothing is left of it afterwards but the logs. `task` is the text of a task file."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="winnow-demo-")))
        operator = secret_files.complete_secrets(directory) or ""
        tokens = [
            secret_files.add_reviewer(directory / secret_files.REVIEWERS, f"simulated-{number}", "reviewer")
            for number in range(1, reviewers + 1)
        ]
        (directory / "task.yaml").write_text(task, encoding="utf-8")
        settings = Settings(
            **_servers(stack, given),
            **secret_files.settings_for(directory),
            task_file=directory / "task.yaml",
            partitions=4,
        )
        stack.enter_context(_topics(quiet(settings), keep=given.bootstrap is None))
        ports = dict(zip(HTTP_PORTS, free_ports(len(HTTP_PORTS)), strict=True))
        supervisor = stack.enter_context(Supervisor(fleet(settings, ports, logs), RESTARTS, complain))
        _wait_until_ready(settings, ports, supervisor, stop)
        yield DemoDeployment(quiet(settings), ports, supervisor, operator, tokens)


def _servers(stack: ExitStack, given: GivenServers) -> dict[str, Any]:
    """Settings of broker and Redis. On a given cluster the demo keeps to topics of its own."""
    redis = given.redis or stack.enter_context(EmbeddedRedis()).url
    if given.bootstrap is None:
        broker = stack.enter_context(EmbeddedBroker())
        servers = {"kafka": {"bootstrap_servers": broker.bootstrap_servers}, "broker": broker.kind, "prefix": "winnow"}
    else:
        own = f"winnow-demo-{secrets.token_hex(3)}"
        servers = {"kafka": {"bootstrap_servers": given.bootstrap}, "broker": "kafka", "prefix": own}
    return {**servers, "redis": {"url": redis}}


@contextmanager
def _topics(settings: Settings, *, keep: bool) -> Iterator[None]:
    """The demo's topics; on a cluster that stays, all that begins with its prefix is deleted again."""
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    admin.create_topics(settings)
    try:
        yield
    finally:
        if not keep:
            client = AdminClient(settings.admin_config())
            ours = [name for name in client.list_topics(timeout=10).topics if name.startswith(settings.prefix)]
            for deletion in client.delete_topics(ours).values():
                deletion.result()


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
