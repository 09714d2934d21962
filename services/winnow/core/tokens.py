"""How a text becomes words: lower case, words of two or more word characters, the first 600 of them."""

import re

MAX_TOKENS = 600

_WORD = re.compile(r"\w\w+")


def tokens(text: str) -> list[str]:
    """The words that a text model counts, in their order."""
    return _WORD.findall(text.lower())[:MAX_TOKENS]
