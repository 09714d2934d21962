"""`winnow redrive`: records that ended without a label are sent in again."""

from itertools import islice
from typing import Annotated, Final, get_args

import typer

from winnow.cli.left_records import LeftRecords, Wanted
from winnow.cli.models_feed import ModelsFeed
from winnow.cli.record_sender import RecordSender
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, progress, say, say_json
from winnow.cli.topic_reader import TopicReader
from winnow.demo.report_words import count
from winnow.runtime import admin
from winnow.runtime.errors import UsageError
from winnow.runtime.settings import Settings
from winnow_schemas.codec import InvalidMessage, decode, encode_record
from winnow_schemas.labels import Label
from winnow_schemas.unlabelled import Unlabelled, UnlabelledReason

BROKER_WAIT_S = 10.0
REASONS: Final[tuple[UnlabelledReason, ...]] = get_args(UnlabelledReason)

app = typer.Typer(no_args_is_help=True, help="Send records in again that ended without a label.")


@app.callback()
def redrive() -> None:
    """Send records in again that ended without a label."""


@app.command()
@with_settings
def unlabelled(  # noqa: PLR0917 - typer declares options as parameters
    settings: Settings,
    reason: Annotated[
        list[str] | None, typer.Option("--reason", help=f"Only these: {', '.join(REASONS)}. By default budget.")
    ] = None,
    grown_by: Annotated[
        int, typer.Option("--grown-by", min=0, help="Only what a model decided that knew so many verdicts fewer.")
    ] = 0,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many, the oldest first.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show how many that concerns.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Send again what the budget left over, or what people did not answer: the model of today decides it anew.

    Each record is sent once, however often this runs: what stands on `records` behind its decision was sent already.

    Example: winnow redrive unlabelled --grown-by 500 --bootstrap localhost:9092

    Example: winnow redrive unlabelled --reason expired --limit 1000
    """
    reasons = _reasons(reason)
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    wanted = Wanted(reasons, _champion(settings) - grown_by if grown_by else None)
    due = list(islice(_left_records(settings, wanted).due(), limit))
    if not dry_run:
        _send(settings, due)
    if as_json:
        say_json({"sent": 0 if dry_run else len(due), "due": len(due)})
    else:
        say(f"{count(len(due), 'record')} {'to send' if dry_run else 'sent'} again")


def _reasons(given: list[str] | None) -> list[UnlabelledReason]:
    for each in given or ():
        if each not in REASONS:
            raise UsageError(f"--reason {each}: there is no such reason; there are {', '.join(REASONS)}")
    return [known for known in REASONS if known in (given or ("budget",))]


def _champion(settings: Settings) -> int:
    with ModelsFeed(settings) as feed:
        champion = feed.models.champion
    if champion is None:
        raise UsageError("--grown-by: there is no model yet")
    return champion.version


def _left_records(settings: Settings, wanted: Wanted) -> LeftRecords:
    topics = settings.topics
    found = LeftRecords(wanted, admin.stream_id(settings))
    with TopicReader(settings, (topics["unlabelled"], topics["labels"]), "beginning") as reader:
        for message in reader.read_to_end():
            if message.value is None:
                continue
            try:
                if message.topic == topics["labels"]:
                    found.label(decode(Label, message.value))
                else:
                    found.left(decode(Unlabelled, message.value))
            except InvalidMessage:
                continue
    with TopicReader(settings, (topics["records"],), "beginning") as reader:
        for message in reader.read_to_end():
            found.record(message)
    return found


def _send(settings: Settings, due: list[Unlabelled]) -> None:
    with RecordSender(settings, None) as sender, progress("sent again", len(due)) as step:
        for left in due:
            sender.send(left.record_id.encode(), encode_record(left.record))
            step(sender.sent, "")
        sender.flush()
