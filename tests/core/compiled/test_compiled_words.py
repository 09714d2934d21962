"""The words of many texts are those of each text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.compiled.compiled_cases import texts

from winnow.core.compiled.text_words import FIRST_WORD, UNKNOWN, WordRows, in_portions
from winnow.core.tokens import MAX_TOKENS, tokens

KNOWN = ["meeting", "win", "straße", "x_1", "42"]


def words_of(batch):
    """What was read of each text, as words; unknown ones by themselves."""
    read = WordRows(KNOWN).read(batch)
    unknown = dict(zip(read.unknown_at.tolist(), read.unknown, strict=True))
    ends = [*read.starts.tolist()[1:], len(read.rows)]
    for start, end in zip(read.starts.tolist(), ends, strict=True):
        places = [place for place in range(start, end) if read.rows[place] >= UNKNOWN]
        yield [unknown.get(place) or KNOWN[read.rows[place] - FIRST_WORD] for place in places]


@given(st.lists(texts | st.text(), min_size=1, max_size=10))
def test_the_words_are_those_of_each_text_alone(batch):
    assert list(words_of(batch)) == [tokens(text) for text in batch]


@pytest.mark.parametrize("gap", [" ", " a ", " a b c d ", "\u2028", " é "])
@pytest.mark.parametrize("count", [MAX_TOKENS - 1, MAX_TOKENS, MAX_TOKENS + 1, 3 * MAX_TOKENS])
@pytest.mark.parametrize("word", ["win", "longunknownword"])
def test_no_more_words_count_than_one_by_one(word, count, gap):
    batch = ["win 42", gap.join([word] * count), "", "meeting"]
    assert list(words_of(batch)) == [tokens(text) for text in batch]


def test_words_that_join_are_known_from_then_on():
    rows = WordRows(KNOWN)
    rows.join(["neu", "new"])
    assert rows.read(["win new neu"]).rows.tolist()[1:] == [FIRST_WORD + 1, FIRST_WORD + 6, FIRST_WORD + 5]
    assert len(rows) == FIRST_WORD + 7


@given(st.lists(st.text(max_size=9)), st.integers(1, 20))
def test_portions_lose_no_text(batch, characters):
    assert [text for portion in in_portions(batch, characters) for text in portion] == batch
