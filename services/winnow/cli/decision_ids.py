"""Decision ids as people and topics write them: `stream/partition/offset`, and `#n` when reopened."""

from typing import NamedTuple


class DecisionId(NamedTuple):
    """Where the record of a decision stands; `reopened` counts how often its request was opened again."""

    stream: str
    partition: int
    offset: int
    reopened: int = 0


def parse_decision_id(text: str) -> DecisionId | None:
    """The parts of a decision or request id; None for ids of another kind, such as seeded ones."""
    whole, _, times = text.partition("#")
    parts = whole.split("/")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts[1:]) or (times and not times.isdecimal()):
        return None
    return DecisionId(parts[0], int(parts[1]), int(parts[2]), int(times or 0))
