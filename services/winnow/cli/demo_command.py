"""`winnow demo`: real mail is sorted on this machine, from an empty broker to a verified sum."""

import json
import threading
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from winnow.cli.demo_deployment import DemoDeployment, GivenServers, demo_deployment
from winnow.cli.demo_run import LEFT_FOR_A_PERSON, DemoRun
from winnow.cli.failures import CommandFailed
from winnow.cli.record_lines import RecordLine, read_records
from winnow.cli.terminal import JsonOption, note, say_json, say_table
from winnow.cli.verify_command import what_is_off
from winnow.demo.report import DemoReport
from winnow.demo.sample import SAMPLE, TASK
from winnow.demo.simulated_reviewers import Conduct
from winnow.runtime.errors import UsageError
from winnow.runtime.stop_signals import stop_on_signals

LOOK_EVERY_S = 0.25

app = typer.Typer()


@app.command()
def demo(  # noqa: PLR0917 - typer declares options as parameters
    records: Annotated[int | None, typer.Option(min=1, help="Only so many of the 6,046 mails.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Teach the models the first so many, labelled, beforehand.")] = 0,
    accuracy: Annotated[float, typer.Option(min=0, max=1, help="Share of right answers.")] = 0.99,
    delay: Annotated[float, typer.Option(min=0, help="Mean seconds a simulated reviewer takes for an answer.")] = 0.1,
    reviewers: Annotated[int, typer.Option(min=1, max=64, help="Simulated reviewers.")] = 8,
    rate: Annotated[float, typer.Option(min=1, help="Send at most so many mails a second.")] = 60,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave some mails in the queue and go on, so that you can review by hand.")
    ] = False,
    bootstrap: Annotated[
        str | None,
        typer.Option(help="A Kafka to use (topics of its own, deleted again) instead of an embedded broker."),
    ] = None,
    redis: Annotated[str | None, typer.Option(help="URL of a Redis to use instead of an embedded one.")] = None,
    build: Annotated[Path, typer.Option(help="Directory for demo.json and the services' logs.")] = Path("build"),
    as_json: JsonOption = False,
) -> None:
    """Sort 6,046 real mails on this machine: broker, Redis, all services and simulated reviewers.

    Takes about three minutes, needs no network and leaves nothing running. The mail changes on the way: an alarm takes
    labels back, people answer them anew, and the machine earns its threshold once more.

    Example: winnow demo --records 2000 --seed 200

    Example: winnow demo --bootstrap localhost:9092 --redis redis://localhost:6379/0
    """
    lines = _sample(records)
    if seed >= len(lines):
        raise UsageError(f"--seed: fewer than the {len(lines):,} mails are wanted, so that some are left to sort")
    seeded, lines = lines[:seed], lines[seed:]
    logs = build / "demo" / "logs"
    with stop_on_signals() as stop:
        note("starting a broker, Redis and the services")
        with demo_deployment(TASK, GivenServers(bootstrap, redis), reviewers, logs, stop) as deployment:
            _introduce(deployment, logs)
            conduct = Conduct(accuracy=accuracy, delay_s=delay)
            leave = min(LEFT_FOR_A_PERSON, len(lines) // 2) if keep else 0
            report, verification = DemoRun(deployment, lines, seeded, conduct, rate, leave, stop).run()
            _write(report, build / "demo.json")
            _tell(report, as_json)
            if not verification.holds:
                raise CommandFailed(f"the outcomes do not add up: {what_is_off(verification)}")
            if keep:
                _go_on(deployment, stop)


def _introduce(deployment: DemoDeployment, logs: Path) -> None:
    for name, address in deployment.pages().items():
        note(f"{name}: {address}")
    note(f"log in to the review page with the token {deployment.operator_token}")
    note(f"logs: {logs}/")


def _write(report: DemoReport, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report.as_values(), indent=2, default=str) + "\n", encoding="utf-8")


def _tell(report: DemoReport, as_json: bool) -> None:
    if as_json:
        say_json(report.as_values())
    else:
        say_table("The demo's result", ("", ""), report.rows())


def _go_on(deployment: DemoDeployment, stop: threading.Event) -> None:
    note(f"some mails wait for you on the review page: {deployment.pages()['review page']}")
    note(f"log in with the token {deployment.operator_token}; Ctrl-C ends it all")
    while not stop.wait(LOOK_EVERY_S):
        deployment.supervisor.watch()


def _sample(records: int | None) -> Sequence[RecordLine]:
    return [line for line in islice(read_records(SAMPLE), records) if isinstance(line, RecordLine)]
