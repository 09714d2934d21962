"""What labelling functions' votes come to: what each is worth, and who only repeats what another one says.

The likelihood of a vote under each label is counted (Dawid & Skene 1979, with the verdicts as the truth).

Pure arithmetic on arrays, the same for one record and for a batch, to the last bit.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from winnow.core.voting.votes import Floats, log_votes
from winnow_schemas.base import FunctionVotes

Codes = npt.NDArray[np.intp]

SILENT = -1
_TRUSTED = 0.7
"""So often a vote is taken to be right before there are verdicts."""

_BELIEF = 2.0
"""Verdicts that such a belief counts for."""


def codes_of(heard: Sequence[FunctionVotes | None], names: Sequence[str], rows: Mapping[str, int]) -> Codes:
    """Records × functions: the row of the label that was voted, or `SILENT`; votes for unknown labels are none."""
    codes = [[rows.get((votes or {}).get(name, ""), SILENT) for name in names] for votes in heard]
    return np.array(codes, dtype=np.intp).reshape(len(heard), len(names))


def logs_of(counts: Floats, verdicts: Floats) -> Floats:
    """Functions × votes × labels: `ln P(vote | label)`, up to a constant for each vote.

    `counts` (of the same shape) says how often each vote stood beside a verdict, `verdicts` how often each label was
    one. How frequent the labels are is no function's business: the other members know, and the pool's offsets learn it.
    """
    labels = len(verdicts)
    beliefs = np.full((labels, labels), _BELIEF * (1.0 - _TRUSTED) / (labels - 1))
    np.fill_diagonal(beliefs, _BELIEF * _TRUSTED)
    chances = (counts + beliefs) / (verdicts + _BELIEF)
    return log_votes(chances / chances.sum(axis=2, keepdims=True))


def likeness_of(both_wrong: Floats, some_wrong: Floats) -> Floats:
    """How far two functions are one: of the verdicts on which one of them was wrong, those where both said the same.

    Before there are verdicts all are: that they agree proves nothing yet.
    """
    alike: Floats = (both_wrong + _BELIEF) / (some_wrong + _BELIEF)
    return alike


def votes_cast(codes: Codes, logs: Floats, likeness: Floats) -> Floats:
    """Records × functions × labels; `logs` is functions × votes × labels, `likeness` functions × functions.

    Of those that vote alike the surest counts in full, another one as far as it is unlike those before it. Thus a copy
    of a function adds nothing, and functions that err independently of each other count each in full.
    """
    functions = np.arange(codes.shape[1])
    there = codes != SILENT
    said = np.where(there[:, :, None], logs[functions, codes], 0.0)
    sureness = np.where(there, said.max(axis=2, initial=-np.inf), -np.inf)
    surer = sureness[:, None, :] > sureness[:, :, None]
    as_sure = sureness[:, None, :] == sureness[:, :, None]
    comes_first = surer | (as_sure & (functions[None, :] < functions[:, None]))
    agrees = there[:, :, None] & (codes[:, :, None] == codes[:, None, :])
    repeated = np.where(agrees & comes_first, likeness, 0.0).max(axis=2, initial=0.0)
    cast: Floats = said * (1.0 - repeated)[:, :, None] + 0.0
    return cast
