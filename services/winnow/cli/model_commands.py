"""Writes an operator's command to the learner among the verdicts, and waits until it is obeyed."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from winnow.cli.failures import CommandFailed
from winnow.cli.models_feed import ModelsFeed
from winnow.cli.operator_word import name_of
from winnow.cli.written_command import written
from winnow.runtime.messages import Outgoing
from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode
from winnow_schemas.verdicts import ModelCommand, command_key

OBEYED_WITHIN_S = 30.0


def command_of(action: str, operator: str | None, note: str, **about: Any) -> ModelCommand:
    """A command that was never given before."""
    said = {"command_id": uuid4().hex, "operator": name_of(operator), "note": note}
    return ModelCommand.model_validate({**said, "action": action, "at": datetime.now(UTC), **about})


def give(settings: Settings, command: ModelCommand) -> int:
    """Write it; the version that obeys it is higher than what this gives, its offset among the verdicts."""
    key = command_key(command.command_id)
    return written(settings, Outgoing(settings.topics["verdicts"], encode(command), key))


def await_version_after(feed: ModelsFeed, offset: int) -> None:
    """Wait for a version of the champion that has passed the command; raises `CommandFailed` when none comes."""
    if not feed.wait_until(
        lambda models: models.champion is not None and models.champion.version > offset, OBEYED_WITHIN_S
    ):
        raise CommandFailed(
            f"no version of the champion came within {OBEYED_WITHIN_S:.0f} s: is the learner running? "
            "The command stands among the verdicts and is obeyed when it does"
        )
