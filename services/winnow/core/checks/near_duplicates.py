"""Records that are the same, or nearly, but have different labels: at least one of each group is wrong.

Texts are compared by their runs of three words: sketches of the smallest hashes (MinHash; Broder 1997)
that agree in one of several bands name the pairs to look at. Other records are the same when all their
values are, numbers up to three digits.
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from winnow.core.checks.labelled_record import Finding, LabelledRecord
from winnow.core.models import ModelInput

ALIKE = 0.8
"""Two texts are near-duplicates when they share so much of their runs of words (Jaccard)."""

_BANDS, _ROWS = 16, 4
_RUN = 3
_WORD = re.compile(r"\w+")
_PRIME = np.uint64((1 << 31) - 1)
_FACTORS = np.random.Generator(np.random.PCG64(1)).integers(1, int(_PRIME), (2, _BANDS * _ROWS)).astype(np.uint64)

Sketch = npt.NDArray[np.uint64]


def check_duplicates(records: Sequence[LabelledRecord]) -> list[Finding]:
    """How many records came before, and which of them with another label."""
    groups = _groups(records)
    repeated = sum(len(group) - 1 for group in groups)
    torn = [group for group in groups if len({record.label for record in group}) > 1]
    figures = {"repeated": float(repeated), "contradictory": float(sum(map(len, torn)))}
    findings = []
    if repeated:
        says = f"{repeated:,} of {len(records):,} records are the same as one before, or nearly"
        findings.append(Finding("duplicates", "fine", says, (), figures))
    if torn:
        lines = [record.line for group in torn for record in _minority(group)]
        says = f"{len(torn):,} groups of (nearly) equal records have different labels; the fewer ones are listed"
        findings.append(Finding("duplicates", "look", says, lines, figures))
    return findings or [Finding("duplicates", "fine", "no record comes twice")]


def _minority(group: Sequence[LabelledRecord]) -> list[LabelledRecord]:
    """Those that are not of the label which most have; of two, both."""
    counts = Counter(record.label for record in group)
    label, most = counts.most_common(1)[0]
    even = list(counts.values()).count(most) > 1
    return [record for record in group if even or record.label != label]


def _groups(records: Sequence[LabelledRecord]) -> list[list[LabelledRecord]]:
    leaders: dict[int, int] = {}
    for one, other in _alike(records):
        first, second = sorted((_leader(leaders, one), _leader(leaders, other)))
        leaders[second] = first
    groups: dict[int, list[LabelledRecord]] = defaultdict(list)
    for place in sorted({place for pair in leaders.items() for place in pair}):
        groups[_leader(leaders, place)].append(records[place])
    return [group for group in groups.values() if len(group) > 1]


def _leader(leaders: Mapping[int, int], place: int) -> int:
    while (above := leaders.get(place, place)) != place:
        place = above
    return place


def _alike(records: Sequence[LabelledRecord]) -> Iterator[tuple[int, int]]:
    sketches: list[Sketch | None] = []
    seen: dict[object, int] = {}
    for place, record in enumerate(records):
        sketch = sketch_of(record.values)
        sketches.append(sketch)
        for key in keys_of(record.values, sketch):
            before = seen.setdefault(key, place)
            if before != place and are_alike(sketches[before], sketch):
                yield before, place
                break


def keys_of(values: ModelInput, sketch: Sketch | None) -> Sequence[object]:
    """Two records are looked at when they share one of these."""
    rest = tuple((name, _rounded(value)) for name, value in sorted(values.items()) if name != "text")
    if sketch is None:
        return [(rest, str(values.get("text", "")).strip())]
    return [(rest, band, sketch[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS)]


def _rounded(value: object) -> object:
    return float(f"{value:.3g}") if isinstance(value, float) else value


def sketch_of(values: ModelInput) -> Sketch | None:
    """The smallest of each of several hashes over all runs of words; None for a text of few words, or none."""
    words = _WORD.findall(str(values.get("text", "")).lower())
    if len(words) < 2 * _RUN:
        return None
    runs = {zlib.crc32(" ".join(words[start : start + _RUN]).encode()) for start in range(len(words) - _RUN + 1)}
    hashes = np.fromiter(runs, np.uint64, len(runs))[:, None]
    smallest: Sketch = ((hashes % _PRIME * _FACTORS[0] + _FACTORS[1]) % _PRIME).min(axis=0)
    return smallest


def are_alike(one: Sketch | None, other: Sketch | None) -> bool:
    """Whether two records that share a key are the same, or nearly."""
    if one is None or other is None:
        return one is other
    return float((one == other).mean()) >= ALIKE
