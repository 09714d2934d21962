"""Which policy versions an operator means. Pure: raises `UsageError` with what would be right."""

from collections.abc import Mapping
from typing import NamedTuple

from winnow.runtime.errors import UsageError
from winnow_schemas.certificates import Certificate


class VersionRange(NamedTuple):
    """Policy versions from `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, version: object) -> bool:
        return isinstance(version, int) and self.first <= version <= self.last

    def is_withdrawn_by(self, certificate: Certificate | None) -> bool:
        """Whether all of it is in one withdrawn range (the certificate joins those that touch)."""
        ranges = certificate.withdrawn if certificate else ()
        return any(first <= self.first and self.last <= last for first, last in ranges)

    def __str__(self) -> str:
        return f"{self.first}..{self.last}" if self.last > self.first else str(self.first)


def versions_of_epoch(epoch: int, epochs: Mapping[int, int]) -> VersionRange:
    """All versions of an epoch; `epochs` says to which one each kept version belongs."""
    versions = [version for version, of in epochs.items() if of == epoch]
    if not versions:
        raise UsageError(f"epoch {epoch} is unknown: {_kept(epochs)}")
    return VersionRange(min(versions), max(versions))


def versions_of_text(text: str, epochs: Mapping[int, int]) -> VersionRange:
    """`A..B`, or `A` alone."""
    first, dots, last = (part.strip() for part in text.partition(".."))
    if not first.isdecimal() or (dots and not last.isdecimal()):
        raise UsageError(f"--policy {text}: two versions are wanted, such as 120..480, or one")
    wanted = VersionRange(int(first), int(last or first))
    if wanted.first > wanted.last:
        raise UsageError(f"--policy {text}: the first version comes first, such as {wanted.last}..{wanted.first}")
    newest = max(epochs, default=-1)
    if wanted.last > newest:
        raise UsageError(f"--policy {text}: not issued yet; {_newest(newest)}")
    return wanted


def _kept(epochs: Mapping[int, int]) -> str:
    known = sorted(set(epochs.values()))
    if not known:
        return "the monitor has issued no policy yet"
    return f"there is epoch {known[0]} only" if len(known) == 1 else f"there are epochs {known[0]} to {known[-1]}"


def _newest(newest: int) -> str:
    return f"the newest policy version is {newest}" if newest >= 0 else "the monitor has issued no policy yet"
