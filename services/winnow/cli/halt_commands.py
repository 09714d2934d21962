"""`winnow halt` and `winnow resume`: an operator stops the machine and lets it go on."""

from typing import Any

import typer

from winnow.cli.monitor_statements import Statements, StatementsFeed
from winnow.cli.operator_word import NoteOption, OperatorOption, await_obedience, command_of, give
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, say, say_json
from winnow.runtime import admin
from winnow.runtime.settings import Settings
from winnow_schemas.evidence import Action

BROKER_WAIT_S = 10.0

app = typer.Typer()


@app.command()
@with_settings
def halt(settings: Settings, note: NoteOption, operator: OperatorOption = None, as_json: JsonOption = False) -> None:
    """Stop the machine: everything goes to people, and what is not released yet is withdrawn.

    It labels again only after `winnow resume`, and only when it has earned its thresholds anew.

    Example: winnow halt --note "the mail server sends test mails" --bootstrap localhost:9092
    """
    with _statements(settings) as feed:
        if _is_halted(feed.said):
            _tell(feed.said, "the machine is halted already", as_json, changed=False)
            return
        _obeyed(settings, feed, "halt", operator, note)
        _tell(feed.said, "the machine is halted; `winnow resume` lets it go on", as_json, changed=True)


@app.command()
@with_settings
def resume(
    settings: Settings, note: NoteOption = "", operator: OperatorOption = None, as_json: JsonOption = False
) -> None:
    """End a halt: the machine may label again as soon as answers show that a threshold keeps the target.

    Example: winnow resume --bootstrap localhost:9092
    """
    with _statements(settings) as feed:
        if not _is_halted(feed.said):
            _tell(feed.said, f"the machine is not halted: {_state_of(feed.said)}", as_json, changed=False)
            return
        _obeyed(settings, feed, "resume", operator, note)
        _tell(feed.said, f"the machine may go on: {_state_of(feed.said)}", as_json, changed=True)


def _statements(settings: Settings) -> StatementsFeed:
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    return StatementsFeed(settings)


def _obeyed(settings: Settings, feed: StatementsFeed, action: Action, operator: str | None, note: str) -> None:
    offset = give(settings, command_of(action, operator, note))

    def answered(said: Statements) -> bool:
        return said.policy is not None and said.policy.version >= offset and _is_halted(said) == (action == "halt")

    await_obedience(feed, answered)


def _is_halted(said: Statements) -> bool:
    return said.policy is not None and said.policy.state == "halted"


def _state_of(said: Statements) -> str:
    return f"its state is {said.policy.state}" if said.policy else "the monitor has issued no policy yet"


def _tell(said: Statements, sentence: str, as_json: bool, *, changed: bool) -> None:
    if not as_json:
        say(sentence)
        return
    policy = said.policy
    values: dict[str, Any] = {
        "state": policy.state if policy else None,
        "policy_version": policy.version if policy else None,
        "epoch": policy.epoch if policy else None,
        "changed": changed,
    }
    say_json(values)
