"""`winnow status`: how a deployment is doing, read from its topics without joining a group."""

from datetime import UTC, datetime

import typer

from winnow.cli import status_words
from winnow.cli.deployment_status import read_status
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, say_json, say_table
from winnow.runtime import admin
from winnow.runtime.settings import Settings

BROKER_WAIT_S = 10.0

app = typer.Typer()


@app.command()
@with_settings
def status(settings: Settings, as_json: JsonOption = False) -> None:
    """State and thresholds, what is proven, alarms and recalls, models, lag of each group and the queue.

    Consumes nothing.

    Example: winnow status --bootstrap localhost:9092 --json
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    found = read_status(settings)
    if as_json:
        say_json(found.as_values())
        return
    said = found.said
    say_table("The machine", ("", ""), status_words.machine(said.policy, datetime.now(UTC)))
    say_table("Certificate", ("", ""), status_words.certificate(said.certificate))
    say_table("Taken back", ("", ""), status_words.taken_back(said.certificate, said.alarms, found.recalls))
    say_table("Models", ("slot", "name", "version", "learned", "at"), found.models)
    say_table("Lag", ("group", "messages behind"), sorted(found.lag.items()))
    say_table("Queue", ("worker", "open", "leased", "oldest, s", "reviewers"), status_words.queue(found.queue))
