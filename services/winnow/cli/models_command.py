"""`winnow models`: who decides and how good it is; promote another one, or go back to a version that was kept."""

from pathlib import Path
from typing import Annotated, Any

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.model_commands import await_version_after, command_of, give
from winnow.cli.model_words import against_rows, grade_rows, label_rows, list_rows, role_of
from winnow.cli.models_feed import Models, ModelsFeed
from winnow.cli.operator_word import OperatorOption
from winnow.cli.settings_options import with_settings
from winnow.cli.status_words import time_of
from winnow.cli.terminal import JsonOption, say, say_json, say_table
from winnow.runtime import admin
from winnow.runtime.errors import UsageError
from winnow.runtime.settings import Settings
from winnow_schemas.model_reports import ModelReport

BROKER_WAIT_S = 10.0

NoteOption = Annotated[str, typer.Option("--note", help="Why; it stands among the verdicts and in the evidence.")]

app = typer.Typer(help="Champion, challengers and kept versions of a deployment's models.", no_args_is_help=True)


@app.command("list")
@with_settings
def list_models(settings: Settings, as_json: JsonOption = False) -> None:
    """Who decides, who is compared with it, and what one may go back to.

    Example: winnow models list --bootstrap localhost:9092
    """
    with _feed(settings) as feed:
        models = feed.models
    if as_json:
        say_json(_as_values(models))
        return
    columns = ("model", "role", "learned", "accuracy", "log loss", "coverage", "evidence", "needed")
    say_table("Models (figures on verdicts before they were learned)", columns, list_rows(models))
    rows = [(one.version, one.name, one.learned, time_of(one.at)) for one in models.kept.values()]
    say_table("Kept for a rollback", ("version", "model", "learned", "at"), sorted(rows, reverse=True))


@app.command()
@with_settings
def show(
    settings: Settings,
    name: Annotated[str | None, typer.Argument(help="The model; by default the one that decides.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report with its plots here.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The report on one model: figures, label by label, calibration, learning curve, new against old.

    Example: winnow models show committee --html report.html --bootstrap localhost:9092
    """
    with _feed(settings) as feed:
        models = feed.models
    report = _report(models, name)
    if html:
        _write_page(html, report, models)
    if as_json:
        say_json(report.model_dump(mode="json", exclude_none=True))
        return
    say_table(f"{report.name} ({role_of(report)}), version {report.version}", ("", "live", "trial"), grade_rows(report))
    if report.full:
        say("Its memory is full: new words, categories or splits are left out")
    if race := report.in_search:
        say(f"It is in a search: the worse half leaves after {race.verdicts_left:,} more verdicts")
    if report.why:
        say(f"It decides since version {report.since}: {report.why}")
    say_table("Labels", ("label", "share", "precision", "recall", "F1"), label_rows(report))
    if report.against:
        say_table(f"Against {report.against.champion}", ("", ""), against_rows(report.against))


@app.command()
@with_settings
def promote(
    settings: Settings,
    name: Annotated[str, typer.Argument(help="A challenger of the task.")],
    note: NoteOption = "",
    operator: OperatorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a challenger decide from the next version on. The ledger goes on; the gate earns its thresholds anew.

    Example: winnow models promote committee --note "it knows the new forms" --bootstrap localhost:9092
    """
    with _feed(settings) as feed:
        reports = feed.models.reports.values()
        challengers = [one.name for one in reports if one.role == "challenger" and one.in_search is None]
        if name not in challengers:
            known = ", ".join(challengers) or "there is none"
            raise UsageError(f"{name} is no challenger; one of these is wanted: {known}")
        _obeyed(settings, feed, command_of("promote", operator, note, model=name))
        _tell_champion(feed.models, name, as_json)


@app.command()
@with_settings
def rollback(
    settings: Settings,
    version: Annotated[int, typer.Argument(min=1, help="A kept version, as `winnow models list` shows them.")],
    note: NoteOption = "",
    operator: OperatorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go back to a version that was kept: the very same scores again, under the next version number.

    What was learned since is not learned again by this model. The ledger goes on; the gate earns its thresholds anew.

    Example: winnow models rollback 4000 --note "it took newsletters for spam" --bootstrap localhost:9092
    """
    with _feed(settings) as feed:
        kept = feed.models.kept.get(version)
        if kept is None:
            known = ", ".join(map(str, sorted(feed.models.kept))) or "there is none yet"
            raise UsageError(f"version {version} is not kept; one of these is wanted: {known}")
        _obeyed(settings, feed, command_of("rollback", operator, note, version=version))
        _tell_champion(feed.models, kept.name, as_json)


@app.command()
@with_settings
def train(
    settings: Settings, note: NoteOption = "", operator: OperatorOption = None, as_json: JsonOption = False
) -> None:
    """Give out now what was learned, where the task says `learn: {every: by_hand}` or a large group.

    Example: winnow models train --bootstrap localhost:9092
    """
    with _feed(settings) as feed:
        _obeyed(settings, feed, command_of("train", operator, note))
        _tell_champion(feed.models, None, as_json)


def _feed(settings: Settings) -> ModelsFeed:
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    return ModelsFeed(settings)


def _report(models: Models, name: str | None) -> ModelReport:
    if name in models.reports:
        return models.reports[name]
    champion = next((one for one in models.reports.values() if one.role == "champion"), None)
    if name is None and champion is not None:
        return champion
    known = ", ".join(models.reports) or "there is none yet: they come with the first verdicts"
    raise UsageError(f"no report on {name or 'a champion'}; reports: {known}")


def _obeyed(settings: Settings, feed: ModelsFeed, command: Any) -> None:
    await_version_after(feed, give(settings, command))


def _tell_champion(models: Models, wanted: str | None, as_json: bool) -> None:
    champion = models.champion
    if champion is None or (wanted is not None and champion.name != wanted):
        raise CommandFailed("the learner refused the command: its log says why")
    if as_json:
        say_json({"name": champion.name, "version": champion.version, "learned": champion.learned})
    else:
        say(f"{champion.name} decides, as version {champion.version} ({champion.learned:,} verdicts learned)")


def _as_values(models: Models) -> dict[str, Any]:
    champion = models.champion
    return {
        "champion": champion.name if champion else None,
        "version": champion.version if champion else None,
        "models": [one.model_dump(mode="json", exclude_none=True) for one in models.reports.values()],
        "kept": [
            {"version": version, "name": one.name, "learned": one.learned, "at": one.at}
            for version, one in sorted(models.kept.items())
        ],
    }


def _write_page(path: Path, report: ModelReport, models: Models) -> None:
    try:
        from winnow.replay.report.model_page import model_page  # noqa: PLC0415 - plotly is an extra
    except ModuleNotFoundError as error:
        raise UsageError(f"--html needs {error.name}: pip install 'winnow[report]'") from None
    try:
        path.write_text(model_page(report, list(models.reports.values())), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot write it: {error.strerror}") from None
