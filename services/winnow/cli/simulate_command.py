"""`winnow simulate-reviewers`: answers by programs that use the review API as people do."""

from pathlib import Path
from typing import Annotated

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.record_lines import RecordLine, read_records
from winnow.cli.terminal import progress
from winnow.demo.simulated_reviewers import Conduct, ReviewersRefused, SimulatedReviewers
from winnow.runtime.errors import UsageError
from winnow.runtime.stop_signals import stop_on_signals

LOOK_EVERY_S = 0.5

app = typer.Typer()


@app.command("simulate-reviewers")
def simulate_reviewers(  # noqa: PLR0917 - typer declares options as parameters
    file: Annotated[Path, typer.Argument(help="The records with their true `label`, JSON Lines, plain or gzip.")],
    tokens: Annotated[
        list[str], typer.Option("--token", envvar="WINNOW_REVIEW_TOKENS", help="A reviewer's token; may be repeated.")
    ],
    url: Annotated[str, typer.Option(help="Address of the review service.")] = "http://127.0.0.1:8000",
    accuracy: Annotated[float, typer.Option(min=0, max=1, help="Share of right answers.")] = 0.97,
    delay: Annotated[float, typer.Option(min=0, help="Mean seconds for one answer.")] = 1.0,
    answers: Annotated[int | None, typer.Option(min=1, help="Stop after so many (else on Ctrl-C).")] = None,
    seed: Annotated[int, typer.Option(help="Another seed makes other mistakes.")] = 1,
) -> None:
    """Let programs review: they know the true labels of a file, and answer over the review API.

    Example: winnow simulate-reviewers mails.jsonl.gz --token TOKEN --accuracy 0.95 --delay 2
    """
    truth = true_labels(file)
    conduct = Conduct(accuracy, delay, at_once=1 if delay >= 1 else 4, seed=seed)
    with (
        stop_on_signals() as stop,
        SimulatedReviewers(url, tokens, truth, conduct) as reviewers,
        progress("answered", answers) as step,
    ):
        done = 0
        while not stop.wait(LOOK_EVERY_S) and (answers is None or done < answers):
            try:
                done = sum(reviewers.done().values())
            except ReviewersRefused as error:
                raise CommandFailed(str(error)) from None
            step(done, "")


def true_labels(file: Path) -> dict[str, str]:
    """The label of each record that has an id and a label."""
    lines = (line for line in read_records(file) if isinstance(line, RecordLine))
    truth = {line.record_id: line.label for line in lines if line.record_id and line.label}
    if not truth:
        raise UsageError(f"{file}: no line has both an id and a label")
    return truth
