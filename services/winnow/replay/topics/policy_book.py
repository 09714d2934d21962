"""The policies as scorers knew them: by version, and until when each was valid as it was renewed again and again.

Versions stand under keys of their own for months, renewals only until `policies` is compacted. Where they
are gone, the evidence makes them again (see `statement_check`); where that is gone too, nobody can tell
whether an old policy was still in force.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from winnow_schemas.policies import Policy


class Validity(NamedTuple):
    """From when on scorers may have known it, and until when a policy held then."""

    known_from: float
    until: float


@dataclass
class _Version:
    """`issued` is the first saying of it that was found."""

    issued: Policy
    renewals: set[Validity] = field(default_factory=set)


class PolicyBook:
    """`has_gaps`: some renewals are not there any more. `is_complete`: all that was ever said is here."""

    def __init__(self) -> None:
        self._versions: dict[int, _Version] = {}
        self.has_gaps = False
        self.is_complete = False

    def add(self, policy: Policy) -> None:
        """One saying of a policy, the first one of a version or a renewal."""
        known = self._versions.setdefault(policy.version, _Version(policy))
        known.renewals.add(Validity(policy.at.timestamp(), policy.valid_until.timestamp()))

    def salt_ids(self) -> set[str]:
        """The salts that they were made for."""
        return {version.issued.salt_id for version in self._versions.values()}

    def in_force(self, version: int, now: float, *, was_stale: bool) -> Policy | None:
        """That version as a scorer may have known it at `now`, if it is there.

        A scorer knows a renewal a moment after it was said, or later. So who found it valid may have
        known any renewal up to then, and who found it stale (`was_stale`) at least the first saying.
        """
        known = self._versions.get(version)
        if known is None:
            return None
        untils = [renewal.until for renewal in known.renewals if renewal.known_from <= now]
        first = min(renewal.until for renewal in known.renewals)
        until = first if was_stale else max([first, *untils])
        issued = known.issued
        if until == issued.valid_until.timestamp():
            return issued
        return issued.model_copy(update={"valid_until": datetime.fromtimestamp(until, UTC)})
