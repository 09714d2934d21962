"""The audit coin: a hash of the decision id under the task's secret salt, so that a redelivery tosses the same.

Who cannot see the salt cannot foresee a toss, and tosses of different decisions are independent: that
is all the error ledger needs. One hash serves eight neighbouring offsets.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

import numpy as np
import numpy.typing as npt

from winnow_schemas.base import Look

Purpose = Literal["", "budget", "blind"]
"""Which coin of a decision: the audit coin (""), the one of the budget, or the one of blindness."""

_GROUP = 8
_SCALE = 2.0**-64


@lru_cache(maxsize=64)
def _group(salt: str, purpose: Purpose, stream: str, partition: int, group: int) -> tuple[float, ...]:
    return tuple(_tosses(_prefix(salt, purpose, stream, partition), [group]).tolist())


def _prefix(salt: str, purpose: Purpose, stream: str, partition: int) -> str:
    secret = f"{salt}|{purpose}" if purpose else salt
    return f"{secret}|{stream}/{partition}/"


def _tosses(prefix: str, groups: Iterable[int]) -> npt.NDArray[np.float64]:
    """The tosses of whole groups, one after the other; each is one hash of the prefix and its number."""
    begun = blake2b(prefix.encode(), digest_size=8 * _GROUP)
    digests = []
    for group in groups:
        hashed = begun.copy()
        hashed.update(b"%d" % group)
        digests.append(hashed.digest())
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.float64) * _SCALE


def coin(salt: str, stream: str, partition: int, offset: int, purpose: Purpose = "") -> float:
    """The toss of one decision, uniform in [0, 1]."""
    return _group(salt, purpose, stream, partition, offset // _GROUP)[offset % _GROUP]


def coins(
    salt: str, stream: str, partition: int, offsets: npt.ArrayLike, purpose: Purpose = ""
) -> npt.NDArray[np.float64]:
    """The tosses of many decisions of one partition, in the order of `offsets`."""
    wanted = np.asarray(offsets, dtype=np.int64)
    if not wanted.size:
        return np.empty(0)
    first = int(wanted.min()) // _GROUP
    groups: Sequence[int] = range(first, int(wanted.max()) // _GROUP + 1)
    place = wanted - first * _GROUP
    if len(groups) > len(wanted):
        found, inverse = np.unique(wanted // _GROUP, return_inverse=True)
        groups, place = found.tolist(), inverse * _GROUP + wanted % _GROUP
    chosen: npt.NDArray[np.float64] = _tosses(_prefix(salt, purpose, stream, partition), groups)[place]
    return chosen


def extra_share(audit_rate: float, ledger_rate: float) -> float:
    """Share of looks outside the ledger that lifts `ledger_rate` to `audit_rate` in all."""
    return (audit_rate - ledger_rate) / (1.0 - ledger_rate) if ledger_rate < 1.0 else 0.0


def look(toss: float, audit_rate: float, ledger_rate: float) -> Look:
    """What becomes of a record above the threshold: `extra`, `ledger`, or `none` (unseen).

    Among those that are not `extra` the chance of `ledger` is `ledger_rate`, whatever `audit_rate` is.
    """
    if toss < extra_share(audit_rate, ledger_rate):
        return "extra"
    return "ledger" if toss < audit_rate else "none"
