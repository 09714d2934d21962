"""`winnow gold`: records whose label is known, mixed in blind among what people are asked."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import KafkaError, Message, Producer

from winnow.cli.failures import CommandFailed
from winnow.cli.gold_marks import GoldLine, VerdictsKnown, gold_lines, mark_key, mark_of
from winnow.cli.operator_word import OperatorOption, name_of
from winnow.cli.record_lines import BadLine, numbered_lines
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, complain, say, say_json
from winnow.cli.topic_reader import TopicReader
from winnow.demo.report_words import count
from winnow.review.gold_set import gold_name
from winnow.runtime import admin
from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode
from winnow_schemas.task import Task
from winnow_schemas.verdicts import Verdict

BROKER_WAIT_S, WRITTEN_WITHIN_S = 10.0, 30.0

app = typer.Typer(help="Records whose label is known: people are checked by them.", no_args_is_help=True)


@app.command("import")
@with_settings
def import_gold(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="JSON Lines, plain or gzip: records with `label`, or `id` and `label`.")],
    operator: OperatorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mark a file of records as gold. A line names a record that has a verdict, or brings a whole one.

    The share review.gold_share of what people are asked is gold then. The same file twice changes nothing.

    Example: winnow gold import gold.jsonl --task spam.yaml --bootstrap localhost:9092
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    lines = [_of_task(line, settings.task) for line in gold_lines(numbered_lines(file))]
    bad = [line for line in lines if isinstance(line, BadLine)]
    marked, known, without = _mark(settings, [line for line in lines if isinstance(line, GoldLine)], operator)
    for line in (*bad, *without):
        complain(f"{file}:{line.number}: {line.problem}")
    numbers = {"marked": marked, "known_already": known, "bad_lines": len(bad) + len(without)}
    if as_json:
        say_json(numbers)
    else:
        say(", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in numbers.items()))
    if numbers["bad_lines"]:
        raise CommandFailed(
            f"left out {count(numbers['bad_lines'], 'line')} of {file}: mend and import again what is bad"
        )


@app.command("mark")
@with_settings
def mark(
    settings: Settings,
    record_id: Annotated[str, typer.Argument(help="Id of a record that people have labelled.")],
    label: Annotated[str | None, typer.Option(help="What it is; by default the label of its verdict.")] = None,
    operator: OperatorOption = None,
) -> None:
    """Mark one verdict as gold: its label is known to be right.

    Example: winnow gold mark mail-004217 --task spam.yaml --bootstrap localhost:9092
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    line = _of_task(GoldLine(1, record_id, label), settings.task)
    if isinstance(line, BadLine):
        raise CommandFailed(line.problem)
    marked, _, without = _mark(settings, [line], operator)
    if without:
        raise CommandFailed(without[0].problem)
    say(f"{record_id} is gold" if marked else f"{record_id} was gold already")


@app.command("remove")
@with_settings
def remove(settings: Settings, record_id: Annotated[str, typer.Argument(help="Id of a gold record.")]) -> None:
    """Take a record out of the gold. What people answered to it stands.

    Example: winnow gold remove mail-004217 --bootstrap localhost:9092
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    if gold_name(record_id) not in _known(settings, ()).gold:
        raise CommandFailed(f"{record_id} is no gold: `winnow gold list` shows what is")
    _write(settings, [(mark_key(record_id), None)])
    say(f"{record_id} is gold no longer")


@app.command("list")
@with_settings
def list_gold(settings: Settings, as_json: JsonOption = False) -> None:
    """Show what is gold, with its known labels.

    Example: winnow gold list --bootstrap localhost:9092
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    found = _known(settings, ()).gold.values()
    if as_json:
        say_json([{"record_id": each.record_id, "label": each.label} for each in found])
    else:
        for each in found:
            say(f"{each.record_id}\t{each.label}")


def _of_task(line: GoldLine | BadLine, task: Task) -> GoldLine | BadLine:
    if isinstance(line, BadLine) or line.label is None or line.label in task.labels or task.open_labels:
        return line
    return BadLine(line.number, f"label: one of {', '.join(task.labels)} is wanted (found: {line.label[:100]})")


def _mark(settings: Settings, lines: list[GoldLine], operator: str | None) -> tuple[int, int, list[BadLine]]:
    """How many were marked, how many were gold before, and for which there is nothing to mark."""
    known = _known(settings, (line.record_id for line in lines))
    fresh = [line for line in lines if not known.is_known(line)]
    marks = [mark_of(line, known, name_of(operator), datetime.now(UTC)) for line in fresh]
    verdicts = [mark for mark in marks if isinstance(mark, Verdict)]
    _write(settings, [(mark_key(verdict.record["id"]), encode(verdict)) for verdict in verdicts])
    return len(verdicts), len(lines) - len(fresh), [mark for mark in marks if isinstance(mark, BadLine)]


def _known(settings: Settings, wanted: Iterable[str]) -> VerdictsKnown:
    known = VerdictsKnown(frozenset(wanted))
    with TopicReader(settings, (settings.topics["verdicts"],), "beginning") as reader:
        for message in reader.read_to_end():
            known.take(message)
    return known


def _write(settings: Settings, messages: Iterable[tuple[bytes, bytes | None]]) -> None:
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            failures.append(error)

    producer = Producer(settings.producer_config(None))
    for key, value in messages:
        producer.produce(settings.topics["verdicts"], value, key, on_delivery=delivered)
        producer.poll(0)
    if producer.flush(WRITTEN_WITHIN_S) or failures:
        why = failures[0].str() if failures else f"no answer within {WRITTEN_WITHIN_S:.0f} s"
        raise CommandFailed(f"not all was written ({why}): run it again, nothing is marked twice")
