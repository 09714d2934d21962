"""Words of many texts at once: the same words as `tokens`, as numbers of rows.

All texts become one string of words between spaces, each text behind a mark, and that string is split and
looked up in one go. ASCII is lowered and freed of what is no word by one table; other texts as code points.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from winnow.core.compiled.inputs import Codes
from winnow.core.tokens import MAX_TOKENS

IGNORED = 0
TEXT_BEGINS = 1
UNKNOWN = 2
FIRST_WORD = 3
"""Rows of what is no word (one letter, or beyond the last word that counts), of the mark before each text, of
words that the model does not know, and of the first that it does."""

_MARK = "\0"
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"
_ASCII = bytes(ord(chr(byte).lower()) if chr(byte).lower() in _LETTERS else 32 for byte in range(128))
_ASCII_TABLE = _ASCII.ljust(256)
_ASCII_CODES = np.frombuffer(_ASCII, dtype=np.uint8).astype(np.uint32)
_SPACE = 32
_CODE_POINTS = "utf-32-le"
_SURROGATES = "surrogatepass"
_LONG = 8192


WORDS_A_TEXT = 1 << 40
"""Where the keys of the next text begin."""


class Words(NamedTuple):
    """Rows of the words of some texts, one text after the other; `starts` are the places of their marks.

    `unknown` are the unknown words at the places `unknown_at`.
    """

    rows: Codes
    starts: Codes
    unknown_at: Codes
    unknown: list[str]


class _Rows(dict[str, int]):
    def __missing__(self, word: str) -> int:
        return UNKNOWN


class WordRows:
    """Which row belongs to which word; words join at the end."""

    def __init__(self, words: Sequence[str]) -> None:
        self._rows = _Rows.fromkeys(_LETTERS, IGNORED)
        self._rows[_MARK] = TEXT_BEGINS
        self._rows.update(zip(words, range(FIRST_WORD, FIRST_WORD + len(words)), strict=True))
        self._next = FIRST_WORD + len(words)

    def __len__(self) -> int:
        return self._next

    def join(self, words: Sequence[str]) -> None:
        """Rows for new words, in their order."""
        self._rows.update(zip(words, range(self._next, self._next + len(words)), strict=True))
        self._next += len(words)

    def read(self, texts: Iterable[str]) -> Words:
        """The words of some texts, at most `MAX_TOKENS` each."""
        words = "".join([f" {_MARK} {_spaced(text)}" for text in texts]).split()
        rows = np.fromiter(map(self._rows.__getitem__, words), np.intp, len(words))
        unknown_at = np.flatnonzero(rows == UNKNOWN)
        letters = [place for place in unknown_at.tolist() if len(words[place]) < 2]
        rows[letters] = IGNORED
        starts = np.flatnonzero(rows == TEXT_BEGINS)
        _cut(rows, starts)
        unknown_at = unknown_at[rows[unknown_at] == UNKNOWN]
        return Words(rows, starts, unknown_at, [words[place] for place in unknown_at.tolist()])


def word_keys(words: Words) -> Codes:
    """Text and word in one number; unknown words get numbers of their own, beyond any table."""
    own: dict[str, int] = {}
    beyond = WORDS_A_TEXT // 2
    of_text = np.repeat(np.arange(len(words.starts)) * WORDS_A_TEXT, np.diff(words.starts, append=len(words.rows)))
    keys = words.rows + of_text
    numbers = [beyond + own.setdefault(word, len(own)) for word in words.unknown]
    keys[words.unknown_at] += np.array(numbers, dtype=np.intp)
    return keys


def in_portions(texts: Sequence[str], characters: int) -> Iterator[Sequence[str]]:
    """The texts in runs of about so many characters: what is looked up together should fit into the cache."""
    begin, size = 0, 0
    for place, text in enumerate(texts):
        size += len(text)
        if size > characters:
            yield texts[begin : place + 1]
            begin, size = place + 1, 0
    if begin < len(texts):
        yield texts[begin:]


def _spaced(text: str) -> str:
    """The text in lower case with spaces in place of all that is no word."""
    spaced = text.encode().translate(_ASCII_TABLE).decode() if text.isascii() else _spaced_code_points(text.lower())
    return spaced if len(spaced) < _LONG else _shortened(spaced)


def _spaced_code_points(lowered: str) -> str:
    codes = np.frombuffer(lowered.encode(_CODE_POINTS, _SURROGATES), dtype=np.uint32).copy()
    ascii_ones = codes < len(_ASCII)
    codes[ascii_ones] = _ASCII_CODES[codes[ascii_ones]]
    others = np.unique(codes[~ascii_ones]).tolist()
    codes[np.isin(codes, [code for code in others if not _is_of_a_word(code)])] = _SPACE
    return codes.tobytes().decode(_CODE_POINTS, _SURROGATES)


@lru_cache(1 << 14)
def _is_of_a_word(code: int) -> bool:
    return chr(code).isalnum()


def _shortened(spaced: str) -> str:
    """Of a long text no more than the words that count."""
    some = [word for word in spaced.split(None, 2 * MAX_TOKENS)[: 2 * MAX_TOKENS] if len(word) > 1]
    if len(some) < MAX_TOKENS:
        some = [word for word in spaced.split() if len(word) > 1]
    return " ".join(some[:MAX_TOKENS])


def _cut(rows: Codes, starts: Codes) -> None:
    """Words beyond the last one that counts are ignored."""
    lengths = np.diff(starts, append=len(rows))
    for text in np.flatnonzero(lengths > MAX_TOKENS).tolist():
        of_text = rows[starts[text] : starts[text] + lengths[text]]
        of_text[np.flatnonzero(of_text >= UNKNOWN)[MAX_TOKENS:]] = IGNORED
