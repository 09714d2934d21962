"""A generator of pseudo-random numbers whose whole state is one integer: SplitMix64 (Steele, Lea & Flood 2014)."""

from hashlib import blake2b

_ALL = (1 << 64) - 1
_STRIDE = 0x9E3779B97F4A7C15


def seed_of(name: str) -> int:
    """A seed that depends on a name alone."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())


class SeededChoice:
    """The same seed, the same choices; a pickle in between changes none."""

    def __init__(self, seed: int) -> None:
        self.state = seed & _ALL

    def below(self, count: int) -> int:
        """One of 0, 1, … `count - 1`."""
        self.state = (self.state + _STRIDE) & _ALL
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _ALL
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _ALL
        return ((mixed ^ (mixed >> 31)) * count) >> 64
