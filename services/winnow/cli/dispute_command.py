"""`winnow dispute`: a finished label is wrong, and its record goes back in line."""

import time
from typing import Annotated

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.operator_word import OperatorOption, name_of
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, say, say_json
from winnow.review.disputing import Disputing
from winnow.review.finished_labels import FinishedLabels
from winnow.review.label_routes import label_view
from winnow.review.problems import Problem
from winnow.review.response_writer import ResponseWriter
from winnow.runtime import admin
from winnow.runtime.settings import Settings

BROKER_WAIT_S = 10.0

app = typer.Typer()


@app.command()
@with_settings
def dispute(
    settings: Settings,
    record_id: Annotated[str, typer.Argument(help="Id of the record whose label is wrong.")],
    note: Annotated[str | None, typer.Option("--note", help="Why; reviewers do not see it.")] = None,
    operator: OperatorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a finished label is wrong: people are asked again, blind, and their verdict is its next revision.

    The label stands until they have answered. Where it came from an audit, the audit is open again.

    Example: winnow dispute mail-004217 --note "the customer complained" --bootstrap localhost:9092
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    finished = FinishedLabels(settings)
    try:
        with ResponseWriter(settings) as writer:
            found = Disputing(finished, writer, time.time).dispute(name_of(operator), record_id, note)
    except Problem as problem:
        raise CommandFailed(f"{record_id}: {problem.detail}") from None
    finally:
        finished.close()
    label = found.label
    if as_json:
        say_json(label_view(found))
    else:
        by = "the machine" if label.source == "auto" else "people"
        say(f"{record_id}: {label.label} (by {by}, revision {label.revision}) is in doubt; people are asked again")
