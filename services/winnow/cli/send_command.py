"""`winnow send`: records from a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.record_lines import BadLine, count_lines, numbered_lines, read_records
from winnow.cli.record_sender import RecordSender
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, complain, progress, say, say_json
from winnow.demo.report_words import count
from winnow.runtime import admin
from winnow.runtime.settings import Settings

BROKER_WAIT_S = 5.0

app = typer.Typer()
RecordsFile = Annotated[Path, typer.Argument(help="JSON Lines, plain or gzip.")]


@app.command()
@with_settings
def send(
    settings: Settings,
    file: RecordsFile,
    raw: Annotated[bool, typer.Option("--raw", help="Send each line's bytes as they are, unchecked.")] = False,
    max_open: Annotated[
        int | None, typer.Option("--max-open", min=1, help="Keep at most so many records unanswered.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Send a file's records. A field `label` stays at home; lines that are no records are reported and left out.

    Example: winnow send mails.jsonl.gz --max-open 200
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    bad = 0
    with RecordSender(settings, max_open) as sender, progress("sent", count_lines(file)) as step:
        for line in _raw(file) if raw else read_records(file):
            if isinstance(line, BadLine):
                bad += 1
                complain(f"{file}:{line.number}: {line.problem}")
            elif isinstance(line, bytes):
                sender.send(None, line)
            else:
                sender.send(line.key, line.value)
            step(sender.sent, f"{sender.open} open" if max_open else "")
        sender.flush()
        _tell({"sent": sender.sent, "bad_lines": bad}, as_json)
    _fail_on(bad, file)


def _raw(file: Path) -> Iterator[bytes]:
    return (content for _, content in numbered_lines(file))


def _tell(numbers: dict[str, int], as_json: bool) -> None:
    if as_json:
        say_json(numbers)
    else:
        say(", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in numbers.items()))


def _fail_on(bad: int, file: Path) -> None:
    if bad:
        raise CommandFailed(f"left out {count(bad, 'line')} of {file}: mend and send again what is bad")
