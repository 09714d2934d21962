"""How much the members of a committee contradict each other about a record.

The mean divergence of their probabilities from what they say together (McCallum & Nigam 1998), which is the
Jensen-Shannon divergence of them all: 0 when they say the same, 1 when as many labels as can be are certain to some.
"""

import math

import numpy as np
import numpy.typing as npt

from winnow.core.batch_scores import Floats

Flags = npt.NDArray[np.bool_]


def disagreements(logs: Floats) -> Floats:
    """Of log-probabilities by record, member and label; who abstains (all zeros) takes no part.

    Sums run member by member and label by label, so that a batch adds up like one record.
    """
    records, members, labels = logs.shape
    if members < 2 or labels < 2:
        return np.zeros(records)
    votes: Flags = (logs != 0.0).any(axis=2)
    shares = _shares(logs, votes)
    voting = np.maximum(_sum([votes[:, member].astype(np.float64) for member in range(members)]), 1.0)
    together = [_sum(list(shares[:, :, label].T)) / voting for label in range(labels)]
    apart = [
        _information(shares[:, member, label], together[label]) for member in range(members) for label in range(labels)
    ]
    said: Floats = np.clip(_sum(apart) / voting / math.log(min(members, labels)), 0.0, 1.0)
    return said


def _shares(logs: Floats, votes: Flags) -> Floats:
    """Probabilities, for votes are rounded; 0 of who abstains."""
    raw = np.where(votes[:, :, None], np.exp(logs), 0.0)
    total = _sum([raw[:, :, label] for label in range(raw.shape[2])])
    shares: Floats = raw / np.where(total > 0, total, 1.0)[:, :, None]
    return shares


def _information(share: Floats, together: Floats) -> Floats:
    is_there = share > 0
    ratio = np.divide(share, together, out=np.ones(len(share)), where=is_there)
    information: Floats = share * np.log(ratio)
    return information


def _sum(terms: list[Floats]) -> Floats:
    total = np.zeros(terms[0].shape)
    for term in terms:
        total = total + term
    return total
