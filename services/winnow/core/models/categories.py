"""A bound on what models over tables remember: so many different categories, and no more.

An order number that somebody took for a category would else grow a model for ever.
"""

from winnow.core.models.record_input import ModelInput

MOST_CATEGORIES = 1 << 16


class Categories:
    """All that were learned. `full` is set when one was left out for want of room."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], None] = {}
        self.full = False

    def within(self, x: ModelInput) -> ModelInput:
        """What there is room to learn; a category too many counts as missing."""
        told = {name: value for name, value in x.items() if isinstance(value, str) and (name, value) not in self.known}
        room = MOST_CATEGORIES - len(self.known)
        self.known.update(dict.fromkeys(list(told.items())[:room]))
        if len(told) <= room:
            return x
        self.full = True
        return {name: value for name, value in x.items() if name not in told or (name, value) in self.known}
