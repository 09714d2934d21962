"""Streams that behave until audits are rare, and then err as much as they can get away with.

Each is told everything but the coins to come; they try to get more wrong labels out than promised.
"""

from collections.abc import Mapping

from benchmarks.simulated_stream import Error, SimulatedStream
from winnow.core.risk import RiskSettings

_FIRST_RATE = RiskSettings(target=0.1, risk=0.05).audit_rate
_HONEST = 0.005


def waits_for_rarer_audits(stream: SimulatedStream) -> float:
    """Errs much from the second chapter on."""
    return 0.3 if _chapters_passed(stream) >= 1 else _HONEST


def waits_longer(stream: SimulatedStream) -> float:
    """Errs much from the third chapter on."""
    return 0.3 if _chapters_passed(stream) >= 2 else _HONEST


def creeps(stream: SimulatedStream) -> float:
    """Errs half more than the target allows where audits are rare: too little for a quick alarm."""
    return 1.5 * stream.target if _chapters_passed(stream) >= 1 else _HONEST


def strikes_when_a_chapter_begins(stream: SimulatedStream) -> float:
    """All evidence of the new chapter is still to come: it errs right then, and stops."""
    return 0.5 if _chapters_passed(stream) >= 1 and stream.since_chapter < 2_000 else _HONEST


def stays_below_the_bound(stream: SimulatedStream) -> float:
    """Where audits are rare it errs as long as the certificate is far ahead of it, and waits else."""
    ahead = stream.wrong > 0.8 * stream.certificate.wrong_at_most
    return _HONEST if ahead or _chapters_passed(stream) < 1 else 0.3


ADVERSARIES: Mapping[str, Error] = {
    "waits for rarer audits": waits_for_rarer_audits,
    "waits for still rarer audits": waits_longer,
    "creeps": creeps,
    "strikes when a chapter begins": strikes_when_a_chapter_begins,
    "stays below the bound": stays_below_the_bound,
}


def _chapters_passed(stream: SimulatedStream) -> int:
    """Since the last alarm; each one makes audits three times rarer."""
    return 0 if stream.ledger_rate >= _FIRST_RATE else stream.policy.chapter - 1
