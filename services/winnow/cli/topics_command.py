"""`winnow topics`: make the catalogue's topics, compare a cluster with it, or just print it."""

from typing import Annotated

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, complain, say, say_json, say_table
from winnow.runtime import admin
from winnow.runtime.settings import Settings
from winnow_schemas.topics import CATALOGUE

BROKER_WAIT_S = 20.0

app = typer.Typer(help="Make, check and list the topics of a deployment.", no_args_is_help=True)


@app.command()
@with_settings
def create(
    settings: Settings,
    wait: Annotated[float, typer.Option(help="Seconds to wait for the cluster.")] = BROKER_WAIT_S,
) -> None:
    """Create the topics that are not there yet.

    Example: winnow topics create --bootstrap localhost:9092 --task spam.yaml
    """
    admin.wait_for_broker(settings, wait)
    admin.create_topics(settings)
    say(f"the topics {settings.prefix}.* are there")


@app.command()
@with_settings
def check(settings: Settings, as_json: JsonOption = False) -> None:
    """Compare the cluster with the catalogue: partitions, cleanup, retention, lag. Exit code 1 on any difference.

    Example: winnow topics check --bootstrap localhost:9092 --task spam.yaml
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    differences = admin.check_topics(settings)
    if as_json:
        say_json({"differences": differences})
    for difference in [] if as_json else differences:
        complain(difference)
    if differences:
        raise CommandFailed(f"{len(differences)} differences: mend them, or make missing topics: winnow topics create")
    if not as_json:
        say("the topics are as the catalogue wants them")


@app.command("list")
@with_settings
def list_topics(settings: Settings, as_json: JsonOption = False) -> None:
    """Print the catalogue: names, partitions, who writes and reads them. Asks no cluster.

    Example: winnow topics list --prefix winnow
    """
    rows = [
        {
            "name": topic.full_name(settings.prefix),
            "key": topic.key,
            "partitions": topic.partitions(settings.partitions),
            "cleanup": topic.cleanup,
            "written_by": list(topic.written_by),
            "read_by": list(topic.read_by),
        }
        for topic in CATALOGUE
    ]
    if as_json:
        say_json(rows)
        return
    columns = ("topic", "partitions", "key", "cleanup", "written by", "read by")
    cells = [
        (
            topic.full_name(settings.prefix),
            topic.partitions(settings.partitions),
            topic.key,
            topic.cleanup,
            ", ".join(topic.written_by),
            ", ".join(topic.read_by),
        )
        for topic in CATALOGUE
    ]
    say_table("Topics", columns, cells)
