"""What scorers decided: how far each partition is, and which labels and audits belong to which cohort."""

from winnow.core.risk.epochs import Epochs
from winnow.core.risk.model_fold import ModelFold
from winnow.core.risk.monitor_parts import Parts
from winnow_schemas.evidence import Counts, LabelCounts


class CountsFold:
    """Offsets or versions that do not go on from those before mean lost evidence: that ends the epoch."""

    def __init__(self, parts: Parts, epochs: Epochs, models: ModelFold) -> None:
        self._parts = parts
        self._epochs = epochs
        self._models = models

    def hear(self, counts: Counts) -> None:
        """Take in one message."""
        parts = self._parts
        decided = counts.end - counts.first
        parts.issuer.hear_records(decided)
        self._models.begin(counts.model_since)
        parts.pool.hear(counts)
        if parts.budget.hear(decided, parts.now):
            parts.issuer.demand_version()
        missing = parts.progress.hear(counts, parts.now)
        if missing:
            self._epochs.end("gap", missing)
        if not parts.issuer.knows(counts.policy_version):
            parts.unknown_versions += decided
            return
        if not parts.progress.reach(counts.partition, counts.policy_version):
            self._epochs.end("gap", f"partition {counts.partition}: policy versions went back")
        for label, of_label in counts.labels.items():
            number = parts.scope_of(label)
            if number is not None:
                self._count(counts.policy_version, number, of_label)

    def _count(self, version: int, number: int, labels: LabelCounts) -> None:
        parts = self._parts
        parts.releases.count(version, number, labels, parts.now)
        above = labels.unseen + labels.ledger_audits + labels.extra_audits
        if above:
            open_share = parts.issuer.rules.open_share if parts.issuer.rules else 1.0
            parts.scopes[number].label_rate.hear(above / open_share, parts.now)
