"""The command line: `winnow ...`. One file per group of commands; this one wires them."""

import sys
from collections.abc import Sequence
from importlib.metadata import version as installed_version

import typer

from winnow.cli import (
    check_command,
    demo_command,
    dispute_command,
    functions_command,
    gold_command,
    halt_commands,
    models_command,
    recall_command,
    redrive_command,
    replay_command,
    run_command,
    secrets_commands,
    seed_command,
    send_command,
    simulate_command,
    status_command,
    topics_command,
    up_command,
    verify_command,
)
from winnow.cli.failures import exit_code_of
from winnow.cli.terminal import say

app = typer.Typer(
    name="winnow",
    help="Labels a stream of records over Kafka, and holds the error of the machine's labels below your target.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

for commands in (
    demo_command.app,
    up_command.app,
    run_command.app,
    secrets_commands.setup,
    check_command.app,
    send_command.app,
    seed_command.app,
    simulate_command.app,
    replay_command.app,
    status_command.app,
    verify_command.app,
    recall_command.app,
    dispute_command.app,
    halt_commands.app,
):
    app.add_typer(commands)
app.add_typer(topics_command.app, name="topics")
app.add_typer(gold_command.app, name="gold")
app.add_typer(functions_command.app, name="functions")
app.add_typer(models_command.app, name="models")
app.add_typer(redrive_command.app, name="redrive")
app.add_typer(secrets_commands.keys, name="keys")
app.add_typer(secrets_commands.reviewers, name="reviewers")


@app.command()
def version() -> None:
    """Print the version.

    Example: winnow version
    """
    say(installed_version("winnow"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (by default the process's own); returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    return exit_code_of(lambda: app(given, prog_name="winnow", standalone_mode=False))
