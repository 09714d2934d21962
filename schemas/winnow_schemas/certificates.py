"""`certificates.v1`: what the monitor can prove of the released auto labels, and which they are."""

from winnow_schemas.base import Contract, Moment, Probability, State


class Certificate(Contract):
    """Of `labels` released auto labels at most `wrong_at_most` are wrong, with `confidence`.

    A label is released when its `policy_version` is at most `released` and in none of the
    `withdrawn` ranges [from, to], both included. `error_at_most` is absent while nothing is
    released. `version` is the offset in `evidence` that caused it.
    """

    version: int
    epoch: int
    released: int
    withdrawn: list[tuple[int, int]] = []
    labels: int
    wrong_at_most: float
    error_at_most: float | None = None
    target: Probability
    met: bool
    confidence: Probability
    state: State
    at: Moment

    def covers(self, policy_version: int) -> bool:
        """Whether an auto label decided under `policy_version` is released and not withdrawn."""
        return policy_version <= self.released and not self.withdraws(policy_version)

    def withdraws(self, policy_version: int) -> bool:
        """Whether auto labels decided under `policy_version` were taken back."""
        return any(first <= policy_version <= last for first, last in self.withdrawn)
