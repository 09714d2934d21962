"""Whom to ask next among the best candidates: the most instructive, unlike what was asked lately.

A near-duplicate of something that was asked lately waits for that one's answer. Audits and gold never wait, for
labels wait for them; of the other blind requests as many pass as are needed to hide them, so that who recognises a
near-duplicate still cannot tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from winnow.core.sketch import BROAD_BITS, NEAR_BITS, NO_SKETCH, SKETCH_BYTES
from winnow_schemas.task import Sampling

CANDIDATES: Final = 64
"""So many of the best are compared."""

REMEMBERED: Final = 512
"""So many of those asked lately are remembered, for near-duplicates."""

LATELY: Final = 32
"""Distance is from so many of them."""

NEAR: Final = NEAR_BITS // 8
"""Near-duplicates differ in at most so many bits."""

NOVELTY_PLACES: Final = 0.5
"""The whole range of distance weighs half as much as the whole range of doubt."""

Kind = Literal["open", "blind", "check"]
"""Shown with its suggestion; blind by a coin; blind because it is an audit or gold."""

KINDS: tuple[Kind, ...] = ("open", "blind", "check")
NAME_BYTES: Final = 8
MOST_NAME: Final = 2 ** (8 * NAME_BYTES) - 1
ASKED_BYTES: Final = NAME_BYTES + 1 + SKETCH_BYTES
"""One that was asked: a short name, its kind and its sketch."""

_NEAR_WORDS, _WORDS = NEAR_BITS // 64, SKETCH_BYTES // 8
_ASKED = np.dtype([("name", "<u8"), ("kind", "u1"), ("sketch", "<u8", (_WORDS,))])

Words = NDArray[np.uint64]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One that may be asked now. `name`: up to `MOST_NAME`. A begun one waits for nobody."""

    name: int
    place: float
    kind: Kind
    sketch: bytes = NO_SKETCH
    is_begun: bool = False

    @property
    def as_asked(self) -> bytes:
        """As it will be remembered."""
        return self.name.to_bytes(NAME_BYTES, "little") + bytes([KINDS.index(self.kind)]) + self.sketch


class Waits(NamedTuple):
    """A candidate (its place in the list) that waits: for another one, or for one that was asked (by its slot)."""

    candidate: int
    behind: int | None
    slot: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Indices in the order of preference, of which the first are `chosen` and the rest stand in for them."""

    order: tuple[int, ...]
    chosen: int
    waiting: tuple[Waits, ...]


@dataclass(frozen=True, slots=True)
class Manner:
    """How to choose; with `blind_share` blind ones are mixed in at that share, whatever their places are."""

    novelty_places: float = NOVELTY_PLACES
    blind_share: float | None = None

    @classmethod
    def of(cls, sampling: Mapping[Sampling, float]) -> "Manner":
        """As the task's `sampling` weighs it: `NOVELTY_PLACES` where it weighs as much as all else."""
        novelty = sampling.get("novelty", 0.0)
        others = sum(sampling.values()) - novelty
        return cls(NOVELTY_PLACES * (novelty / others if others else min(1.0, novelty)))


class Asked:
    """What was asked lately: a ring of slots as bytes, and how many were asked in all."""

    def __init__(self, ring: bytes, count: int) -> None:
        self._ring = np.frombuffer(ring, _ASKED)
        self.slots = np.arange(count - min(count, len(self._ring)), count) % REMEMBERED
        self._entries = self._ring[self.slots] if len(self._ring) else self._ring
        self.names: Words = self._entries["name"]
        self.kinds: NDArray[np.uint8] = self._entries["kind"]
        self.sketches: Words = self._entries["sketch"]


def choose(candidates: Sequence[Candidate], asked: Asked, count: int, manner: Manner) -> Choice:
    """Choose `count` of the candidates, the first in line first when nothing else tells them apart."""
    return _Choosing(candidates, asked, manner).choose(count)


class _Choosing:
    def __init__(self, candidates: Sequence[Candidate], asked: Asked, manner: Manner) -> None:
        self._candidates = candidates
        self._asked = asked
        self._manner = manner
        self._words = _words_of(candidates)
        self._nearest = _novelty(self._words, asked.sketches[-LATELY:])
        self._places = np.array([candidate.place for candidate in candidates], np.float64)
        self._blind: Flags = np.array([candidate.kind != "open" for candidate in candidates], bool)
        known = set(asked.names.tolist())
        self._begun = [candidate.is_begun or candidate.name in known for candidate in candidates]
        self._free: Flags = np.ones(len(candidates), bool)
        self._waiting: list[Waits] = []
        self._hide_behind_asked()

    def choose(self, count: int) -> Choice:
        chosen: list[int] = []
        while len(chosen) < count and (best := self._best(chosen)) is not None:
            chosen.append(best)
            self._take(best)
        rest = np.flatnonzero(self._free)
        order = (*chosen, *(int(each) for each in rest[np.argsort(-self._places[rest], kind="stable")]))
        return Choice(order, len(chosen), tuple(self._waiting))

    def _hide_behind_asked(self) -> None:
        near = (_differ(self._words, self._asked.sketches) <= NEAR) & _has_sketch(self._words)[:, None]
        for index in np.flatnonzero(near.any(axis=1)).tolist():
            candidate = self._candidates[index]
            kin = near[index]
            if not self._begun[index] and not self._passes(candidate, self._asked.kinds[kin]):
                self._wait(index, None, int(self._asked.slots[np.flatnonzero(kin)[-1]]))

    def _passes(self, candidate: Candidate, kin: NDArray[np.uint8]) -> bool:
        if candidate.kind == "check":
            return True
        hidden, hiding = (int((kin == KINDS.index(kind)).sum()) for kind in ("check", "blind"))
        return candidate.kind == "blind" and hiding < hidden

    def _best(self, chosen: Sequence[int]) -> int | None:
        free = self._of_the_turn(chosen)
        if not free.any():
            return None
        worth = self._places + self._manner.novelty_places * self._nearest
        return int(np.argmax(np.where(free, worth, -np.inf)))

    def _of_the_turn(self, chosen: Sequence[int]) -> Flags:
        """Where a filter is on, blind ones come as often as they stand in the whole line, and none without others."""
        share = self._manner.blind_share
        if share is None:
            return self._free
        lately = [*(self._asked.kinds[-CANDIDATES:] != 0).tolist(), *self._blind[list(chosen)].tolist()]
        ordinary = self._of(blind=False)
        is_due = sum(lately) < share * len(lately)
        hidden = self._of(blind=True)
        return hidden if is_due and ordinary.any() and hidden.any() else ordinary

    def _of(self, *, blind: bool) -> Flags:
        of_kind: Flags = self._free & (self._blind == blind)
        return of_kind

    def _take(self, index: int) -> None:
        self._free[index] = False
        own = self._words[index : index + 1]
        self._nearest = np.minimum(self._nearest, _novelty(self._words, own))
        near = np.asarray((_differ(self._words, own)[:, 0] <= NEAR) & _has_sketch(self._words) & self._free, bool)
        for each in np.flatnonzero(near).tolist():
            candidate = self._candidates[each]
            hides = candidate.kind == "blind" and self._candidates[index].kind == "check"
            if not (self._begun[each] or hides or candidate.kind == "check"):
                self._wait(each, index, None)

    def _wait(self, index: int, behind: int | None, slot: int | None) -> None:
        self._free[index] = False
        self._waiting.append(Waits(index, behind, slot))


def _words_of(candidates: Sequence[Candidate]) -> Words:
    joined = b"".join(candidate.sketch for candidate in candidates)
    return np.frombuffer(joined, "<u8").reshape(-1, _WORDS)


def _has_sketch(words: Words) -> Flags:
    return np.asarray(words.any(axis=1), bool)


def _differ(words: Words, others: Words) -> NDArray[np.int16]:
    """In how many of the near bits each differs from each other."""
    bits = np.zeros((len(words), len(others)), np.int16)
    for word in range(_NEAR_WORDS):  # word by word: a sum over a short last axis takes five times as long
        bits += np.bitwise_count(words[:, None, word] ^ others[None, :, word])
    return bits


def _novelty(words: Words, others: Words) -> Numbers:
    """Distance to the nearest of the others: 0 the same, 1 as far as strangers are, or without a sketch."""
    others = others[_has_sketch(others)]
    if not len(others):
        return np.ones(len(words))
    differing = np.bitwise_count(words[:, None, _NEAR_WORDS] ^ others[None, :, _NEAR_WORDS]).min(axis=1)
    distance = np.minimum(1.0, differing / (BROAD_BITS / 2))
    return np.where(_has_sketch(words), distance, 1.0)
