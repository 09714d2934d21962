"""`winnow run`: one service in this process, or several workers of the scorer as processes of one tree."""

import importlib
import os
from collections.abc import Callable
from typing import Annotated

import typer

from winnow.cli.fleet_run import serve
from winnow.cli.service_fleet import Service, with_scorers
from winnow.cli.settings_options import as_environment, with_service_settings
from winnow.runtime.errors import UsageError
from winnow.runtime.process import run_service
from winnow.runtime.settings import Settings

app = typer.Typer()


@app.command()
@with_service_settings
def run(
    settings: Settings,
    service: Annotated[Service, typer.Argument(help="Which one.")],
    workers: Annotated[int, typer.Option(min=1, help="How many processes; only scorers share their work.")] = 1,
) -> None:
    """Run one service in this process until SIGTERM or Ctrl-C.

    Several workers are processes under this one, each with a slot and a port of its own: with slot 0 and port
    8001 they are slots 0, 1, 2 and ports 8001, 8011, 8021. One that fails is started again.

    Example: winnow run scorer --bootstrap localhost:9092 --task spam.yaml

    Example: winnow run scorer --workers 4 --bootstrap localhost:9092 --task spam.yaml
    """
    if workers == 1:
        os.environ.update(as_environment(settings))
        raise typer.Exit(run_service(service.value, _main_of(service.value)))
    if service is not Service.scorer:
        raise UsageError(f"--workers: a {service} is one process; start another with a WINNOW_SLOT of its own")
    _ = settings.salt, settings.task
    serve(settings, with_scorers({service.value: settings.http_port(service.value)}, workers), None)


def _main_of(service: str) -> Callable[[Settings], int]:
    main: Callable[[Settings], int] = importlib.import_module(f"winnow.{service}.app").main
    return main
