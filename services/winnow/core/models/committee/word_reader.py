"""Texts as counts of known words, weighed by how rare they are (tf-idf; Salton & Buckley 1988)."""

from collections import Counter
from math import log
from typing import NamedTuple

import numpy as np

from winnow.core.models.committee.growing_tables import Floats, Rows
from winnow.core.models.committee.members import Input, Reader
from winnow.core.models.committee.sums import in_one_run
from winnow.core.tokens import tokens

_NOTHING = np.array([0.0])


class WordCounts(NamedTuple):
    """Known words in their order and how often they stand there; of the others only how often, the rarest first."""

    words: Rows
    counts: Floats
    unknown: Floats


class SeenWords(NamedTuple):
    """Known words, how often they stand there, and their values in a vector of length 1 (with the unknown ones)."""

    words: Rows
    counts: Floats
    values: Floats


class WordReader(Reader[WordCounts, SeenWords]):
    """Reads `text`. Learns at most `most` words; later ones stay unknown.

    `texts` counts the verdicts so far, `with_word` those with each word.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.places: dict[str, int] = {}
        self.texts = 0
        self.with_word: Floats = np.zeros(0)

    @property
    def full(self) -> bool:
        """Whether words are left out."""
        return len(self.places) >= self.most

    def read(self, x: Input) -> WordCounts:
        """The words of a record."""
        return self._counted(Counter(tokens(x.get("text") or "")))

    def learn(self, x: Input) -> WordCounts:
        """The words of a record, new ones become known."""
        counts = Counter(tokens(x.get("text") or ""))
        for word in counts:
            if word not in self.places and not self.full:
                self.places[word] = len(self.places)
        if len(self.places) > len(self.with_word):
            room = max(len(self.places), 2 * len(self.with_word), 1024) - len(self.with_word)
            self.with_word = np.append(self.with_word, np.zeros(room))
        read = self._counted(counts)
        self.texts += 1
        self.with_word[read.words] += 1.0
        return read

    def see(self, kept: WordCounts) -> SeenWords:
        """Values `(1 + ln tf)·(ln((1+n)/(1+df)) + 1)`, divided by the length in which unknown words count."""
        values = (1.0 + np.log(kept.counts)) * (self.rarity - np.log1p(self.with_word[kept.words]))
        unknown = (1.0 + np.log(kept.unknown)) * self.rarity
        length = np.sqrt(_square(values) + _square(unknown))
        return SeenWords(kept.words, kept.counts, values / length if length else values)

    @property
    def rarity(self) -> float:
        """What the logarithm of a word's texts is taken from."""
        return log(1 + self.texts) + 1.0

    def _counted(self, counts: Counter[str]) -> WordCounts:
        place_of = self.places.get
        places = np.array([place_of(word, -1) for word in counts], dtype=np.intp)
        amounts = np.array(list(counts.values()), dtype=np.float64)
        known = np.flatnonzero(places >= 0)
        known = known[np.argsort(places[known])]
        return WordCounts(places[known], amounts[known], np.sort(amounts[places < 0]))

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "with_word": self.with_word[: len(self.places)].copy()}


def _square(values: Floats) -> Floats:
    return in_one_run(np.concatenate([_NOTHING, values * values]))
