"""`winnow run`: one service in this process."""

import importlib
import os
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from winnow.cli.settings_options import as_environment, with_service_settings
from winnow.runtime.process import run_service
from winnow.runtime.settings import Settings

app = typer.Typer()


class Service(StrEnum):
    """The services of a deployment, in the order in which they start."""

    learner = "learner"
    monitor = "monitor"
    scorer = "scorer"
    review = "review"
    dashboard = "dashboard"


@app.command()
@with_service_settings
def run(settings: Settings, service: Annotated[Service, typer.Argument(help="Which one.")]) -> None:
    """Run one service in this process until SIGTERM or Ctrl-C.

    Example: winnow run scorer --bootstrap localhost:9092 --task spam.yaml
    """
    os.environ.update(as_environment(settings))
    raise typer.Exit(run_service(service.value, _main_of(service.value)))


def _main_of(service: str) -> Callable[[Settings], int]:
    main: Callable[[Settings], int] = importlib.import_module(f"winnow.{service}.app").main
    return main
