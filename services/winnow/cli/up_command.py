"""`winnow up`: all services against a given or an embedded cluster, as one supervised process tree."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from winnow.cli import secret_files
from winnow.cli.fleet_run import serve
from winnow.cli.service_fleet import ports_from, with_scorers
from winnow.cli.settings_options import quiet, with_service_settings
from winnow.cli.terminal import say
from winnow.demo.embedded_broker import EmbeddedBroker
from winnow.demo.embedded_redis import EmbeddedRedis
from winnow.runtime import admin
from winnow.runtime.settings import Settings

BROKER_WAIT_S = 20.0

app = typer.Typer()


@app.command()
@with_service_settings
def up(
    settings: Settings,
    *,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Start a broker and a Redis too; they forget all at the end.")
    ] = False,
    secrets: Annotated[
        Path, typer.Option("--secrets", help="With --embedded: where salt, keys and reviewers are kept.")
    ] = Path("winnow-secrets"),
    scorers: Annotated[int, typer.Option(min=1, help="How many scorers share the partitions.")] = 1,
    port_base: Annotated[
        int | None, typer.Option(help="First of five HTTP ports (else 8000); further scorers: 10 on each.")
    ] = None,
    logs: Annotated[Path | None, typer.Option(help="Directory for a log file each, else all on stderr.")] = None,
) -> None:
    """Run all services and start again what fails, until SIGTERM or Ctrl-C.

    Example: winnow up --bootstrap localhost:9092 --redis redis://localhost:6379/0 --task spam.yaml

    Example: winnow up --embedded --task spam.yaml
    """
    _ = settings.task
    with ExitStack() as stack:
        if embedded:
            settings = stack.enter_context(embedded_deployment(settings, secrets))
        _ = settings.salt
        admin.wait_for_broker(quiet(settings), BROKER_WAIT_S)
        admin.create_topics(quiet(settings))
        serve(settings, with_scorers(ports_from(port_base), scorers), logs)


@contextmanager
def embedded_deployment(settings: Settings, secrets: Path) -> Iterator[Settings]:
    """The same settings with a broker, a Redis and secrets of this machine."""
    with EmbeddedBroker() as broker, EmbeddedRedis() as redis:
        say(f"Kafka at {broker.bootstrap_servers}, Redis at {redis.url}")
        token = secret_files.complete_secrets(secrets)
        if token:
            say(f"token to log in with, shown this once: {token}")
        changed = {
            **secret_files.settings_for(secrets),
            "broker": broker.kind,
            "kafka": {**settings.kafka, "bootstrap_servers": broker.bootstrap_servers},
            "redis": {"url": redis.url},
        }
        yield Settings(**{**settings.model_dump(exclude_unset=True), **changed})
