"""In what order people are asked, and which requests they answer without seeing the machine's label.

Audits must not be told apart. So a coin makes some ordinary requests blind too, and all blind requests
draw their place in the queue from that coin: place and blindness say the same of an audit and of them. Others
are asked in the order of what an answer would teach (`core.sampling`), as far as the task does not leave it to chance.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from winnow_schemas.base import FunctionVotes
from winnow_schemas.decisions import Decision

BLIND_PER_AUDIT = 3.0


class Showing(NamedTuple):
    """How a request is put before people; higher priority is asked first."""

    blind: bool
    priority: float


def blind_share(audit_rate: float) -> float:
    """Share of the ordinary requests that are blind.

    When the machine is sure of a share s of the records, audits are s·ε of all records and blind
    ordinary requests (1 - s)·q. With q = 3ε at most half of the blind ones are audits as long as s is
    at most 3/4; beyond that more would cost reviewers most of the suggestions.
    """
    return min(1.0, BLIND_PER_AUDIT * audit_rate)


class Worth(NamedTuple):
    """What the answer to a request would teach, None without a score, and how much of its place chance makes up."""

    taught: float | None
    by_chance: float


def showing(decision: Decision, toss: float, worth: Worth, usual_audit_rate: float) -> Showing:
    """How the request of a decision is shown; `toss` is its coin of blindness.

    `usual_audit_rate` stands in where no policy set one.
    """
    if decision.look in ("extra", "ledger"):
        return Showing(blind=True, priority=min(toss, 1.0))
    share = blind_share(usual_audit_rate if decision.audit_rate is None else decision.audit_rate)
    if toss < share:
        return Showing(blind=True, priority=toss / share)
    by_chance = min((toss - share) / (1 - share) if share < 1 else toss, 1.0)
    if worth.taught is None:
        return Showing(blind=False, priority=by_chance)
    return Showing(blind=False, priority=min(1.0, worth.taught + worth.by_chance * by_chance))


class Showings(NamedTuple):
    """How many requests are put before people, one after the other."""

    blind: npt.NDArray[np.bool_]
    priorities: npt.NDArray[np.float64]


class Worths(NamedTuple):
    """`Worth` of many; `taught` is NaN without a score."""

    taught: npt.NDArray[np.float64]
    by_chance: float


def showings(
    are_audits: npt.NDArray[np.bool_],
    audit_rates: npt.NDArray[np.float64],
    worths: Worths,
    tosses: npt.NDArray[np.float64],
) -> Showings:
    """`showing` over arrays, with the audit rate that holds for each request."""
    shares = np.minimum(1.0, BLIND_PER_AUDIT * audit_rates)
    drawn_blind = tosses < shares
    with np.errstate(all="ignore"):
        by_chance = np.minimum(np.where(shares < 1, (tosses - shares) / (1 - shares), tosses), 1.0)
        taught = np.minimum(1.0, worths.taught + worths.by_chance * by_chance)
        ordinary = np.where(np.isnan(worths.taught), by_chance, taught)
        drawn = np.where(drawn_blind, tosses / shares, ordinary)
    return Showings(are_audits | drawn_blind, np.where(are_audits, np.minimum(tosses, 1.0), drawn))


def silent_first(shown: Showing, function_votes: FunctionVotes | None) -> Showing:
    """Where labelling functions were asked, records of which none has anything to say come before the others.

    Not those that are blind: their place must say nothing of them.
    """
    if shown.blind or function_votes is None:
        return shown
    return shown._replace(priority=shown.priority / 2 if function_votes else (1.0 + shown.priority) / 2)


def silent_ones_first(shown: Showings, silent: npt.NDArray[np.bool_]) -> Showings:
    """`silent_first` over arrays: of which records all labelling functions abstained."""
    placed = np.where(silent, (1.0 + shown.priorities) / 2, shown.priorities / 2)
    return shown._replace(priorities=np.where(shown.blind, shown.priorities, placed))
