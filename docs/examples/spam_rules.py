"""Labelling functions for mail: `labelling_functions: spam_rules.py` in the task file, beside it.

Each takes a record and gives one of the task's labels, or None where it has nothing to say. They need not be good:
what a vote is worth is learned.
"""

import re
from typing import Any

SELLING = re.compile(
    r"\b(free|guarantee|money|offer|credit|click here|unsubscribe|viagra|winner|cash)\b", re.IGNORECASE
)
LISTS = re.compile(r"^>|wrote:|_______________|mailman|exmh|razor|spamassassin", re.IGNORECASE | re.MULTILINE)
HTML = re.compile(r"<html|<body|<font", re.IGNORECASE)


def sells(record: dict[str, Any]) -> str | None:
    """Two different words of a seller."""
    return "spam" if len({word.lower() for word in SELLING.findall(record.get("text", ""))}) >= 2 else None


def answers(record: dict[str, Any]) -> str | None:
    """Quotes somebody, or comes from a mailing list."""
    return "ham" if LISTS.search(record.get("text", "")) else None


def shouts(record: dict[str, Any]) -> str | None:
    """Exclamation marks or HTML; ham where there are few capitals either."""
    text = record.get("text", "")
    letters = [letter for letter in text if letter.isalpha()]
    if text.count("!") >= 4 or HTML.search(text):
        return "spam"
    return "ham" if letters and sum(map(str.isupper, letters)) < 0.05 * len(letters) else None
