"""`winnow recall`: labels of the machine are taken back, also released ones."""

import sys
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.labels_feed import LabelsFeed
from winnow.cli.labels_taken_back import LabelsTakenBack
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
            found = _Recall(versions, labels.found, statements.said)
            if dry_run:
                _report(found, as_json)
                return
            if found.labels:
                _ask(found, sure=yes)
                give(settings, command_of("recall", operator, why, versions))
                await_obedience(statements, lambda said: versions.is_withdrawn_by(said.certificate))
            elif not (found.waiting or found.recalled):
                raise CommandFailed(f"nothing to recall: no label of the machine has policy versions {versions}")
            if wait:
                _await_recalls(labels)
            _report(found, as_json)


@dataclass(frozen=True)
class _Recall:
    """What becomes of the labels of some policy versions, as of now."""

    versions: VersionRange
    found: LabelsTakenBack
    said: Statements

    @property
    def labels(self) -> int:
        """Labels that hold."""
        return self.found.standing - self.waiting

    @property
    def released(self) -> int:
        """Those of them that are released."""
        certificate = self.said.certificate
        return self.found.standing_where(certificate.covers) if certificate else 0

    @property
    def waiting(self) -> int:
        """Labels that are withdrawn, and whose recall is to be written."""
        certificate = self.said.certificate
        return self.found.standing_where(certificate.withdraws) if certificate else 0

    @property
    def recalled(self) -> int:
        """Labels that were recalled."""
        return self.found.recalled

    def as_values(self) -> dict[str, Any]:
        """For programs."""
        return {
            "from": self.versions.first,
            "to": self.versions.last,
            "labels": self.labels,
            "released": self.released,
            "waiting": self.waiting,
            "recalled": self.recalled,
        }

    def __str__(self) -> str:
        held = f"{self.released:,} released, {self.labels - self.released:,} still recallable"
        return f"{self.labels:,} labels of policy versions {self.versions} ({held})"


def _ask(found: _Recall, *, sure: bool) -> None:
    if sure:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"this takes back {found}: say --yes, or --dry-run to look only")
    typer.confirm(f"take back {found}?", abort=True, err=True)


def _await_recalls(labels: LabelsFeed) -> None:
    total = labels.found.standing + labels.found.recalled
    with progress("recalled", total) as step:
        if not labels.follow_until_recalled(PATIENCE_S, lambda done: step(done, "labels")):
            missing = labels.found.standing
            raise CommandFailed(
                f"the labels are withdrawn, but for {PATIENCE_S:.0f} s no recall was written and {missing} have none: "
                "is review running? It goes on by itself (and passes over records that were decided anew)"
            )


def _report(found: _Recall, as_json: bool) -> None:
    if as_json:
        say_json(found.as_values())
    elif found.labels:
        say(f"a recall takes back {found}")
    else:
        say(f"policy versions {found.versions}: withdrawn, {found.recalled:,} labels recalled, {found.waiting:,} to go")
        if found.waiting:
            note("review writes the single recalls; the same command with --wait waits for them")
