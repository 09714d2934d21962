"""`winnow verify`: does every record have exactly one outcome?"""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from winnow.cli.decision_trail import Outcome
from winnow.cli.failures import CommandFailed
from winnow.cli.outcome_reader import OutcomeReader, Verification
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, complain, progress, say, say_json, say_pairs
from winnow.runtime import admin
from winnow.runtime.settings import Settings

BROKER_WAIT_S = 10.0

NAMES: dict[Outcome, str] = {
    "auto_released": "auto, released",
    "auto_recallable": "auto, still recallable",
    "withdrawn": "withdrawn, recall under way",
    "superseded": "withdrawn, decided anew since",
}

app = typer.Typer()


@app.command()
@with_settings
def verify(
    settings: Settings,
    most: Annotated[int, typer.Option("--list", help="List at most so many of the decisions that are off.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Read the topics and prove that every record has exactly one outcome; else list those that do not, exit code 1.

    What stands last is the outcome: a recalled label counts as what became of its record afterwards.

    Example: winnow verify --bootstrap localhost:9092
    """
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    with progress("read", None) as step:
        verification = OutcomeReader(settings).verify(step)
    if as_json:
        say_json(as_values(verification, most))
    else:
        tell(verification, most)
    if not verification.holds:
        raise CommandFailed(f"the outcomes do not add up: {what_is_off(verification)}")


def as_values(verification: Verification, most: int) -> dict[str, Any]:
    """The result for programs."""
    account = verification.account
    return {
        "holds": verification.holds,
        "records": account.records,
        "auto": account.auto,
        **dict(account.outcomes.items()),
        "sum": sum(account.outcomes.values()),
        "recalled": account.recalled,
        "audits": account.audits,
        "problems": len(account.problems),
        "listed": [asdict(problem) for problem in account.problems[:most]],
        "counted": account.counted,
        "written": account.written,
        "counts_agree": verification.counts_agree,
        "unreadable": verification.unreadable,
    }


def tell(verification: Verification, most: int) -> None:
    """The result for people."""
    account = verification.account
    outcomes = {NAMES.get(name, name.replace("_", " ")): count for name, count in account.outcomes.items()}
    sums = {"sum": sum(account.outcomes.values()), "records": account.records}
    say_pairs("Outcomes", {**outcomes, **sums, "recalled on the way": account.recalled})
    for problem in account.problems[:most]:
        complain(f"partition {problem.partition} offset {problem.offset}: {problem.fault}: {problem.detail}")
    if account.outcomes["withdrawn"]:
        say("of what is withdrawn nothing counts any more; review writes the single recalls")
    if verification.holds:
        say("every decision has exactly one outcome")


def what_is_off(verification: Verification) -> str:
    """Why it does not hold, in a few words."""
    account = verification.account
    reasons = []
    if account.problems:
        reasons.append(f"{len(account.problems)} decisions are off")
    if not verification.counts_agree:
        reasons.append(f"scorers counted {account.counted} and wrote {account.written}")
    if verification.unreadable:
        reasons.append(f"{verification.unreadable} messages break their contract")
    return "; ".join(reasons) or "the sum is not the number of records"
