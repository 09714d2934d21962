"""What is known of the runs of a plan: raw, by row, and the versions they rest on."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import peer_run
from benchmarks.risk_plan import Extent, RiskPlan
from benchmarks.run_cache import Values, versions

PACKAGES = ("winnow", "river", "numpy", "scipy", "scikit-activeml", "scikit-learn")


@dataclass(frozen=True)
class RiskResults:
    """`runs` by row name, a salt each; `every` and `own` by pair, then by strategy."""

    extent: Extent
    runs: Mapping[str, Sequence[Values]]
    every: Mapping[str, Mapping[str, Values]]
    own: Mapping[str, Mapping[str, Values]]
    about: Mapping[str, Any]

    def as_values(self) -> Values:
        """For programs."""
        return {
            "about": dict(self.about),
            "runs": {row: list(runs) for row, runs in self.runs.items()},
            "peers_taught_by_every_label": self.every,
            "peers_taught_by_their_own_queries": self.own,
        }


def gather(plan: RiskPlan) -> RiskResults:
    """All that the cache knows of the plan's runs; a run that is not done is left out."""
    extent = plan.extent
    runs = {row.name: [plan.replay_job(row, salt) for salt in extent.salt_names] for row in extent.rows}
    known = {
        name: [values for job in jobs if (values := plan.replays.get(job.row, job.seed))] for name, jobs in runs.items()
    }
    return RiskResults(
        extent,
        known,
        {pair: _peers(plan, pair, (peer_run.EVERY_LABEL,)) for pair in extent.pairs},
        {pair: _peers(plan, pair, extent.own_queries) for pair in extent.pairs},
        _about(plan),
    )


def _peers(plan: RiskPlan, pair: str, taught: Sequence[str]) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for by in taught:
        job = plan.peer_job(pair, by)
        found |= plan.peers.get(job.row, job.seed) or {}
    return found


def _about(plan: RiskPlan) -> dict[str, Any]:
    extent = plan.extent
    return {
        "quick": extent.is_quick,
        "salts": extent.salt_names,
        "records_at_most": extent.records or max(row.data.length for row in extent.rows) if extent.rows else 0,
        "delay_records": peer_run.DELAY_RECORDS,
        "code": {"replays": plan.replays.code, "peers": plan.peers.code},
        "versions": {"python": platform.python_version(), **versions(PACKAGES)},
    }
