"""Writes an operator's command to `evidence`, and waits until the monitor has obeyed it."""

import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.monitor_statements import Statements, StatementsFeed
from winnow.cli.version_range import VersionRange
from winnow.cli.written_command import written
from winnow.runtime.messages import Outgoing
from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode
from winnow_schemas.evidence import Action, Command

OBEYED_WITHIN_S = 30.0

NoteOption = Annotated[str, typer.Option("--note", help="Why; it stands in the alarm and in the evidence.")]
OperatorOption = Annotated[
    str | None, typer.Option("--operator", help="Who says so; by default the name you are logged in with.")
]


def name_of(operator: str | None) -> str:
    """Who says so."""
    return operator or getpass.getuser()


def command_of(action: Action, operator: str | None, note: str, versions: VersionRange | None = None) -> Command:
    """A command that was never given before."""
    named = {"from": versions.first, "to": versions.last} if versions else {}
    return Command.model_validate(
        {
            "command_id": uuid4().hex,
            "action": action,
            "operator": name_of(operator),
            "note": note,
            "at": datetime.now(UTC),
            **named,
        }
    )


def give(settings: Settings, command: Command) -> int:
    """Write it; its offset in `evidence`, which is the version of what the monitor says in answer."""
    return written(settings, Outgoing(settings.topics["evidence"], encode(command)))


def await_obedience(feed: StatementsFeed, obeyed: Callable[[Statements], bool]) -> None:
    """Wait for what the monitor says; raises `CommandFailed` when it is silent."""
    if not feed.wait_until(obeyed, OBEYED_WITHIN_S):
        raise CommandFailed(
            f"the monitor did not answer within {OBEYED_WITHIN_S:.0f} s: is it running? "
            "The command stands in the evidence and is obeyed when it does"
        )
