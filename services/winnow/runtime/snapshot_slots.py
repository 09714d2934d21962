"""Under which keys what stands on the topic `models`.

`champion` is what scorers score with, and `delta/VERSION` what has changed in it since: each leads on from the one
before, and all are erased when the next whole champion stands. `state/champion`, `challenger/NAME`, `state/room` (how
they compare) and `state/trial` (records that none learns) are what a learner resumes from, `kept/VERSION` what one may
go back to. Chunks stand under `SLOT/VERSION/NUMBER`. `report/NAME` is no snapshot: how good that model is.
"""

import re

CHAMPION = "champion"
CHAMPION_STATE = "state/champion"
ROOM_STATE = "state/room"
TRIAL_STATE = "state/trial"
_SLOT = r"champion|state/(?:champion|room|trial)|delta/\d+|challenger/[^/]+|kept/\d+"
_MANIFEST_KEY = re.compile(_SLOT)
_CHUNK_KEY = re.compile(rf"({_SLOT})/(\d+)/\d+")
_DELTA = re.compile(r"delta/\d+")


def challenger(name: str) -> str:
    """The slot of a challenger."""
    return f"challenger/{name}"


def delta(version: int) -> str:
    """The slot of what leads to a version of the champion."""
    return f"delta/{version}"


def kept(version: int) -> str:
    """The slot of a version that is kept for a rollback."""
    return f"kept/{version}"


def report(name: str) -> str:
    """The key of what is told about a model."""
    return f"report/{name}"


def is_report(key: str) -> bool:
    """Whether something is told about a model there."""
    return key.startswith("report/")


def is_kept(slot: str) -> bool:
    """Whether a version for a rollback stands there."""
    return slot.startswith("kept/")


def is_delta(slot: str) -> bool:
    """Whether deltas stand there."""
    return _DELTA.fullmatch(slot) is not None


def is_of_champion(slot: str) -> bool:
    """Whether it is what scorers read: the champion whole, or what leads on from there."""
    return slot == CHAMPION or is_delta(slot)


def is_manifest(key: str) -> bool:
    """Whether a manifest stands under a key."""
    return _MANIFEST_KEY.fullmatch(key) is not None


def slot_of_chunk(key: str) -> str | None:
    """The slot to which the chunk under a key belongs; None for other keys."""
    match = _CHUNK_KEY.fullmatch(key)
    return match[1] if match else None


def slot_of(key: str) -> str | None:
    """The slot to which a key belongs, as its manifest or a chunk; None for other keys."""
    return key if is_manifest(key) else slot_of_chunk(key)
