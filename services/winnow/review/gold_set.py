"""The records whose label is known, and who has been asked about which. Pure: a fold of `verdicts`.

Each person is asked about a gold record once, since who remembers it is no longer checked by it; and never about one
whose verdict rests on an answer of theirs. So gold is used up: `left` tells how much there is.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

MARK = "gold/"
"""How request ids of verdicts begin that mark gold."""
MOST = 20_000


@dataclass(slots=True)
class GoldRecord:
    """One of them: where its mark stands in `verdicts`, who knows it, and how often it was sent out."""

    name: str
    offset: int
    known_to: set[str] = field(default_factory=set)
    sent: int = 0


def gold_name(record_id: str) -> str:
    """Request id of the verdict that marks a record as gold: one for each record."""
    return MARK + blake2b(record_id.encode(), digest_size=16).hexdigest()


def is_mark(request_id: str) -> bool:
    """Whether a verdict marks a record as gold."""
    return request_id.startswith(MARK)


class GoldSet:
    """Marked by `mark`, unmarked by `erase`; `asked` notes who answered."""

    def __init__(self) -> None:
        self._records: dict[str, GoldRecord] = {}

    def __len__(self) -> int:
        return len(self._records)

    def mark(self, name: str, offset: int, known_to: Iterable[str]) -> None:
        """A record is gold; marking it again replaces its label and forgets nobody."""
        before = self._records.get(name)
        if before is None and len(self._records) >= MOST:
            return
        record = before or GoldRecord(name, offset)
        record.offset = offset
        record.known_to.update(known_to)
        self._records[name] = record

    def erase(self, name: str) -> None:
        """A record is gold no longer."""
        self._records.pop(name, None)

    def asked(self, record_id: str, reviewers: Iterable[str]) -> None:
        """These people have answered about it."""
        record = self._records.get(gold_name(record_id))
        if record is not None:
            record.known_to.update(reviewers)

    def choose(self, seed: str, reviewers: Collection[str]) -> GoldRecord | None:
        """The one sent out least often that somebody does not know yet; `seed` decides among equals."""
        free = [each for each in self._records.values() if not each.known_to.issuperset(reviewers)]
        if not free:
            return None
        chosen = min(free, key=lambda each: (each.sent, _draw(seed, each.name)))
        chosen.sent += 1
        return chosen

    def left(self, reviewers: Collection[str]) -> int:
        """How many checks there still are, over all people."""
        return sum(len(set(reviewers) - each.known_to) for each in self._records.values())


def _draw(seed: str, name: str) -> bytes:
    return blake2b(f"{seed}|{name}".encode(), digest_size=8).digest()
