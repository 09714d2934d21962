"""`winnow status`: how a deployment is doing, read from its topics without joining a group."""

import typer

from winnow.cli.deployment_status import read_status
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, say_json, say_pairs, say_table
from winnow.runtime import admin
from winnow.runtime.settings import Settings

BROKER_WAIT_S = 10.0

app = typer.Typer()


@app.command()
@with_settings
def status(settings: Settings, as_json: JsonOption = False) -> None:
    """Policy, certificate, models, lag of each group and the queue. Consumes nothing.

    Example: winnow status --bootstrap localhost:9092 --json
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    found = read_status(settings)
    if as_json:
        say_json(found.as_values())
        return
    say_pairs("Policy", found.policy or {"none yet": "everything goes to review"})
    say_pairs("Certificate", found.certificate or {"none yet": ""})
    say_table("Models", ("slot", "name", "version", "learned", "at"), found.models)
    say_table("Lag", ("group", "messages behind"), sorted(found.lag.items()))
    say_pairs("Queue", found.queue or {"no metrics yet": ""})
