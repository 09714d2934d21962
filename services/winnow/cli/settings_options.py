"""Options that every command about a deployment has, and how one process hands its settings to another."""

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer
from pydantic import BaseModel, SecretStr

from winnow.runtime.settings import PREFIX, Settings, load_settings

P = ParamSpec("P")
PANEL = "Deployment (flags go before the environment)"


def _flags(
    task: Annotated[Path | None, typer.Option("--task", help="Task file.", rich_help_panel=PANEL)] = None,
    bootstrap: Annotated[
        str | None, typer.Option("--bootstrap", help="Kafka's addresses, host:port.", rich_help_panel=PANEL)
    ] = None,
    redis: Annotated[str | None, typer.Option("--redis", help="URL of Redis.", rich_help_panel=PANEL)] = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", help="What topic names begin with.", rich_help_panel=PANEL)
    ] = None,
    settings_file: Annotated[
        Path | None, typer.Option("--settings", help="YAML file of settings.", rich_help_panel=PANEL)
    ] = None,
) -> Settings:
    overrides = {
        "task_file": task,
        "kafka": {"bootstrap_servers": bootstrap},
        "redis": {"url": redis} if redis else None,
        "prefix": prefix,
    }
    return load_settings(settings_file, overrides)


def quiet(settings: Settings) -> Settings:
    """The same, but Kafka's client prints no lines of its own: exceptions tell what goes wrong, once."""
    if "log_level" in settings.kafka:
        return settings
    return settings.model_copy(update={"kafka": {**settings.kafka, "log_level": "2"}})


def with_settings(command: Callable[Concatenate[Settings, P], None]) -> Callable[..., None]:
    """A command whose first parameter is the (quiet) settings, made from flags, file and environment."""

    @functools.wraps(command)
    def quietly(settings: Settings, /, *given: P.args, **named: P.kwargs) -> None:
        command(quiet(settings), *given, **named)

    return with_service_settings(quietly)


def with_service_settings(command: Callable[Concatenate[Settings, P], None]) -> Callable[..., None]:
    """The same for commands that start services: they log what they please."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    shared = list(inspect.signature(_flags, eval_str=True).parameters.values())
    names = {parameter.name for parameter in shared}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        flags = {name: value for name, value in given.items() if name in names}
        rest = {name: value for name, value in given.items() if name not in names}
        command(_flags(**flags), **rest)  # type: ignore[call-arg]

    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*own, *shared)]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def as_environment(settings: BaseModel, prefix: str = PREFIX) -> dict[str, str]:
    """The environment variables from which another process gets the same settings."""
    variables: dict[str, str] = {}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        variable = f"{prefix}{name.upper()}"
        if isinstance(value, BaseModel):
            variables |= as_environment(value, f"{variable}__")
        elif isinstance(value, dict):
            variables |= {f"{variable}__{key.upper()}": str(entry) for key, entry in value.items()}
        elif value is not None:
            variables[variable] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return variables
