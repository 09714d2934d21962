"""`winnow recall`: labels of the machine are taken back, also released ones."""

import sys
from typing import Annotated, Any

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.labels_feed import LabelsFeed
from winnow.cli.monitor_statements import Statements, StatementsFeed
from winnow.cli.operator_word import NoteOption, OperatorOption, await_obedience, command_of, give
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, note, progress, say, say_json
from winnow.cli.version_range import VersionRange, versions_of_epoch, versions_of_text
from winnow.runtime import admin
from winnow.runtime.errors import UsageError
from winnow.runtime.settings import Settings

BROKER_WAIT_S = 10.0
PATIENCE_S = 60.0

app = typer.Typer()


@app.command()
@with_settings
def recall(  # noqa: PLR0917 - typer declares options as parameters
    settings: Settings,
    epoch: Annotated[int | None, typer.Option(min=1, help="All labels of this epoch.")] = None,
    policy: Annotated[
        str | None, typer.Option(metavar="A..B", help="All labels of these policy versions, both included.")
    ] = None,
    why: NoteOption = "",
    operator: OperatorOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show how many labels that concerns.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Return when every single recall is written.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take back labels of the machine, released ones too: consumers see them withdrawn, people label the records anew.

    One message of the monitor withdraws them all; review then writes the single recalls and puts the records back in
    line (beyond the task's recall_max_open they end up unlabelled). The certificate goes on counting them.

    Example: winnow recall --epoch 3 --note "the vendor changed its forms" --bootstrap localhost:9092

    Example: winnow recall --policy 1200..1450 --yes --wait --bootstrap localhost:9092
    """
    if (epoch is None) == (policy is None):
        raise UsageError("say which labels: either --epoch N or --policy A..B")
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    with StatementsFeed(settings) as statements:
        epochs = statements.said.epochs
        versions = versions_of_epoch(epoch, epochs) if epoch is not None else versions_of_text(policy or "", epochs)
        with LabelsFeed(settings, versions.__contains__) as labels:
            if dry_run:
                _report(_values(versions, labels, statements.said), as_json)
                return
            if not versions.is_withdrawn_by(statements.said.certificate):
                _require_something(versions, labels)
                _ask(versions, labels, statements.said, sure=yes)
                give(settings, command_of("recall", operator, why, versions))
                await_obedience(statements, lambda said: versions.is_withdrawn_by(said.certificate))
            if wait:
                _await_recalls(labels)
            _report(_values(versions, labels, statements.said), as_json)


def _require_something(versions: VersionRange, labels: LabelsFeed) -> None:
    if not labels.found.standing:
        raise CommandFailed(f"nothing to recall: no label of the machine stands from policy versions {versions}")


def _ask(versions: VersionRange, labels: LabelsFeed, said: Statements, *, sure: bool) -> None:
    if sure:
        return
    what = _what(_values(versions, labels, said))
    if not sys.stdin.isatty():
        raise UsageError(f"this takes back {what}: say --yes, or --dry-run to look only")
    typer.confirm(f"take back {what}?", abort=True, err=True)


def _await_recalls(labels: LabelsFeed) -> None:
    total = labels.found.standing + labels.found.recalled
    with progress("recalled", total) as step:
        if not labels.follow_until_recalled(PATIENCE_S, lambda done: step(done, "labels")):
            missing = labels.found.standing
            raise CommandFailed(
                f"the labels are withdrawn, but for {PATIENCE_S:.0f} s no recall was written and {missing} have none: "
                "is review running? It goes on by itself (and passes over records that were decided anew)"
            )


def _values(versions: VersionRange, labels: LabelsFeed, said: Statements) -> dict[str, Any]:
    certificate = said.certificate
    released = labels.found.standing_where(lambda version: certificate is not None and version <= certificate.released)
    return {
        "from": versions.first,
        "to": versions.last,
        "withdrawn": versions.is_withdrawn_by(certificate),
        "labels": labels.found.standing,
        "released": released,
        "recalled": labels.found.recalled,
    }


def _what(values: dict[str, Any]) -> str:
    kept = values["labels"] - values["released"]
    return (
        f"{values['labels']:,} labels of policy versions {values['from']} to {values['to']} "
        f"({values['released']:,} released, {kept:,} not yet)"
    )


def _report(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say_json(values)
    elif not values["withdrawn"]:
        say(f"a recall would take back {_what(values)}")
    elif values["labels"]:
        note("review writes the single recalls; `winnow recall --wait` with the same versions waits for them")
        say(f"withdrawn: policy versions {values['from']} to {values['to']}; {_progress(values)}")
    else:
        say(f"withdrawn and recalled: policy versions {values['from']} to {values['to']}; {_progress(values)}")


def _progress(values: dict[str, Any]) -> str:
    return f"{values['recalled']:,} labels recalled, {values['labels']:,} to go"
