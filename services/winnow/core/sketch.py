"""What a record looks like, in 40 bytes: enough to tell near-duplicates and strangers apart.

256 bits say who is nearly the same, 64 bits how far apart two others are; distance is the number of bits that
differ. Words become signs of a sum of hashed vectors (Charikar 2002), numbers, standardised by what was seen so
far, and categories become signs of random waves (Raginsky & Lazebnik 2009), embeddings signs of random
projections. Parts are joined by exclusive or, so that differences in any of them count.
"""

import math
import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from winnow_schemas.records import Record
from winnow_schemas.task import InputSpec

NEAR_BITS: Final = 256
BROAD_BITS: Final = 64
SKETCH_BYTES: Final = (NEAR_BITS + BROAD_BITS) // 8
NO_SKETCH = bytes(SKETCH_BYTES)
"""Of a record that brings nothing declared: near to nobody."""

MOST_WORDS = 256
SHORT_WORDS = 8
"""Texts shorter than this are near only to texts of the same words; in longer ones numbers do not count (they are
dates, amounts, order ids), and about one other word in fifteen is let pass."""

_BITS = NEAR_BITS + BROAD_BITS
_WORD = re.compile(r"\w+")
_MOST_LETTERS = 16 * MOST_WORDS
LARGEST_Z: Final = 8.0
_FOLDED = 4096
_CACHED = 10_000
_CHANCE = 1e-5
_NEAR_OF_TYPICAL, _BROAD_OF_TYPICAL = 0.1, 0.5
_WAVES_PER_RADIUS = 0.49
"""At this many wavelengths an eighth of the bits differ."""

Bits = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Scale(Protocol):
    """How numbers are standardised, by those seen so far."""

    def standardised(self, values: Sequence[object]) -> Floats:
        """Values in deviations from their mean, at most `LARGEST_Z`; 0 for what is missing or no number."""
        ...


class Sketcher:
    """Sketches records of one task; learns the scale of its numbers from every record it sees."""

    def __init__(self, spec: InputSpec) -> None:
        self._spec = spec
        self._numbers = numbers_of(spec)
        self._others = [name for name, kind in spec.features.items() if kind != "number"]
        self._scale: Scale = _Scale(len(self._numbers))
        waves = _normal("waves", _BITS)
        self._start = np.abs(waves) * 100.0
        self._per_width = 1.0 / _widths(max(1, len(self._numbers)))
        self._of_numbers = np.array([_normal(f"number {name}", _BITS) for name in self._numbers]).reshape(-1, _BITS)
        self._of_tokens: dict[str, Floats] = {}
        self._of_words: dict[str, bytes] = {}
        self._planes: Floats | None = None

    def sketch(self, record: Record, scale: Scale | None = None) -> bytes:
        """The record's 40 bytes; `NO_SKETCH` when it brings nothing of what the task reads.

        Who remembers scales of his own gives the one to go by.
        """
        parts: list[Bits] = []
        if self._spec.text and (text := record.get("text")):
            parts.append(self._text(text))
        if self._spec.features and (features := record.get("features")):
            parts.append(self._features(features, scale or self._scale))
        if self._spec.embedding and (embedding := record.get("embedding")):
            parts.append(self._embedding(embedding))
        if not parts:
            return NO_SKETCH
        joined = parts[0]
        for part in parts[1:]:
            joined = joined ^ part
        return np.packbits(joined).tobytes() if joined.any() else b"\x01" + NO_SKETCH[1:]

    def _text(self, text: str) -> Bits:
        words = dict.fromkeys(_WORD.findall(text[:_MOST_LETTERS].lower())[:MOST_WORDS]) or {text.strip(): None}
        if len(words) < SHORT_WORDS:
            broad = self._votes(words)
            broad[:NEAR_BITS] = self._votes({" ".join(sorted(words)): None})[:NEAR_BITS]
            return broad
        return self._votes(dict.fromkeys(word if word.isalpha() else _without_digits(word) for word in words))

    def _votes(self, words: Mapping[str, None]) -> Bits:
        hashed = b"".join([self._word(word) for word in words])
        bits = np.unpackbits(np.frombuffer(hashed, np.uint8).reshape(len(words), SKETCH_BYTES), axis=1)
        votes: Bits = 2 * bits.sum(axis=0, dtype=np.int16) > len(words)
        return votes

    def _word(self, word: str) -> bytes:
        found = self._of_words.get(word)
        if found is None:
            if len(self._of_words) >= _CACHED:
                self._of_words.clear()
            found = self._of_words[word] = blake2b(word.encode(errors="replace"), digest_size=SKETCH_BYTES).digest()
        return found

    def _features(self, features: Mapping[str, Any], scale: Scale) -> Bits:
        place = scale.standardised([features.get(name) for name in self._numbers]) @ self._of_numbers
        for name in self._others:
            if name in features:
                place = place + self._token(f"{name}={features[name]}")
        waves: Bits = np.cos(place * self._per_width + self._start) > 0
        return waves

    def _token(self, token: str) -> Floats:
        found = self._of_tokens.get(token)
        if found is None:
            if len(self._of_tokens) >= _CACHED:
                self._of_tokens.clear()
            found = self._of_tokens[token] = _normal(f"token {token}", _BITS)
        return found

    def _embedding(self, embedding: list[float]) -> Bits:
        folded = _folded(np.clip(np.asarray(embedding, np.float64), -1e100, 1e100))
        if self._planes is None or len(self._planes) != len(folded):
            self._planes = _normal("planes", len(folded) * _BITS).reshape(len(folded), _BITS)
        sides: Bits = folded @ self._planes > 0
        return sides


class _Scale:
    """Mean and deviation of each number so far (Welford 1962)."""

    def __init__(self, size: int) -> None:
        self._count = np.zeros(size)
        self._mean = np.zeros(size)
        self._squares = np.zeros(size)

    def standardised(self, values: Sequence[object]) -> Floats:
        """Values in deviations from their mean, this one included."""
        read = [number(value) for value in values]
        given = np.array([value is not None for value in read], dtype=bool)
        numbers = np.array([value or 0.0 for value in read])
        self._count += given
        step = np.where(given, numbers - self._mean, 0.0)
        self._mean += step / np.maximum(self._count, 1)
        self._squares += step * np.where(given, numbers - self._mean, 0.0)
        deviation = np.sqrt(self._squares / np.maximum(self._count - 1, 1))
        z = np.where(given & (deviation > 0), (numbers - self._mean) / np.where(deviation > 0, deviation, 1.0), 0.0)
        clipped: Floats = np.clip(z, -LARGEST_Z, LARGEST_Z)
        return clipped


def numbers_of(spec: InputSpec) -> list[str]:
    """The features that are numbers."""
    return [name for name, kind in spec.features.items() if kind == "number"]


def number(value: object) -> float | None:
    """The value where it is one that can be reckoned with."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e100:
        return None
    return float(value)


def _widths(dimensions: int) -> Floats:
    """Length of the waves by bit, for numbers of deviation 1 (two strangers are √(2d) apart).

    Near means: so close that of two strangers one pair in 100,000 is, and within a tenth of the usual distance.
    """
    typical = math.sqrt(2 * dimensions)
    log_ball = math.log(_CHANCE) + dimensions / 2 * math.log(2) + math.lgamma(dimensions / 2 + 1)
    by_chance = math.sqrt(2) * math.exp(log_ball / dimensions)
    near = min(by_chance, _NEAR_OF_TYPICAL * typical) / _WAVES_PER_RADIUS
    return np.array([near] * NEAR_BITS + [_BROAD_OF_TYPICAL * typical] * BROAD_BITS)


def _normal(name: str, size: int) -> Floats:
    """Normal numbers that belong to a name: everywhere the same."""
    seed = int.from_bytes(blake2b(name.encode(errors="replace"), digest_size=8).digest())
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(size)


def _folded(vector: Floats) -> Floats:
    """At most so many dimensions: the rest is added to them, with signs of chance."""
    if len(vector) <= _FOLDED:
        return vector
    signed = vector * np.sign(_normal("signs", len(vector)))
    padded = np.pad(signed, (0, -len(vector) % _FOLDED))
    folded: Floats = padded.reshape(-1, _FOLDED).sum(axis=0)
    return folded


def _without_digits(word: str) -> str:
    return "0" if any(letter.isdigit() for letter in word) else word
