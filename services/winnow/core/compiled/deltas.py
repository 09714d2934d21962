"""What has changed between two versions of a compiled model.

A delta names the digest that it goes on from and the one that it leads to, so that deltas can only be applied
in their order; a reader that misses one waits for the next full snapshot. Arrays that changed little travel as
rows, words as those at the end, all else whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from winnow.core.compiled.compiled_model import FORMAT, Compiled, require_ours
from winnow.core.compiled.container import fingerprint, pack, pack_small, unpack
from winnow.core.compiled.inputs import Arrays, Integers, Meta, described
from winnow.core.compiled.text_compiler import WORDS
from winnow_schemas.task import Task

_SAID = frozenset({"format", "of", "kind", "base_version", "base", "version", "digest", "learned", "meta", "lengths"})
_WHOLE, _PLACES, _ROWS = "whole:", "places:", "rows:"
_MOSTLY_SMALL_COUNTS = frozenset({"text_naive_bayes"})
_LINE = np.frombuffer(b"\n", dtype=np.uint8)


class Rows(NamedTuple):
    """New rows at some places of an array that has `length` rows afterwards."""

    length: int
    places: Integers
    rows: npt.NDArray[Any]


@dataclass(frozen=True)
class Delta:
    """From the version of digest `base` to that of `digest`; `words` are new ones, joined as in `WORDS`."""

    task: Task = field(repr=False)
    kind: str
    base_version: int
    base: str
    version: int
    digest: str
    learned: bool
    meta: Meta = field(repr=False)
    whole: Arrays = field(repr=False)
    rows: Mapping[str, Rows] = field(repr=False)

    def to_bytes(self) -> bytes:
        """All of it."""
        packed = pack_small if self.kind in _MOSTLY_SMALL_COUNTS else pack
        return packed(self._header(), self._arrays())

    @property
    def nbytes(self) -> int:
        """About how many bytes it brings."""
        return sum(array.nbytes for array in self._arrays().values())

    def chained(self) -> Self:
        """The same under the digest that follows from its base and from what it brings."""
        return replace(self, digest=fingerprint(self._header() | {"digest": ""}, self._arrays()))

    def _header(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "of": described(self.task),
            **{name: getattr(self, name) for name in ("kind", "base_version", "base", "version", "digest", "learned")},
            "meta": dict(self.meta),
            "lengths": {name: changed.length for name, changed in self.rows.items()},
        }

    def _arrays(self) -> Arrays:
        arrays: dict[str, npt.NDArray[Any]] = {_WHOLE + name: array for name, array in self.whole.items()}
        for name, changed in self.rows.items():
            arrays |= {_PLACES + name: changed.places, _ROWS + name: changed.rows}
        return arrays

    @classmethod
    def from_bytes(cls, data: bytes, task: Task) -> Self:
        """Raises `ValueError` when the bytes are damaged, of a newer format or not for this task."""
        header, arrays = unpack(data)
        require_ours(header, _SAID, task)
        whole = {name.removeprefix(_WHOLE): array for name, array in arrays.items() if name.startswith(_WHOLE)}
        rows = {name: _rows(name, length, arrays) for name, length in header["lengths"].items()}
        said = {name: header[name] for name in ("kind", "base_version", "base", "version", "digest", "learned", "meta")}
        return cls(task=task, whole=whole, rows=rows, **said)


def delta_between(base: Compiled, target: Compiled) -> Delta | None:
    """What leads from one version to the other; None where only a full snapshot does (other labels)."""
    if (base.kind, base.labels) != (target.kind, target.labels):
        return None
    whole, rows = {}, {}
    for name, array in target.arrays.items():
        if name == WORDS and _continues(base.arrays[WORDS], array):
            whole[name] = array[len(base.arrays[WORDS]) :]
        elif changed := _changed(base.arrays[name], array):
            rows[name] = changed
        else:
            whole[name] = array
    if WORDS in target.arrays and not _continues(base.arrays[WORDS], target.arrays[WORDS]):
        return None
    draft = Delta(
        task=target.task,
        kind=target.kind,
        base_version=base.version,
        base=base.digest,
        version=target.version,
        digest="",
        learned=target.learned,
        meta=target.meta,
        whole=whole,
        rows=rows,
    )
    return draft.chained()


def all_rows(array: npt.NDArray[Any]) -> Rows:
    """A whole array as rows that change."""
    return Rows(len(array), np.arange(len(array), dtype=np.int64), array)


def require_next(delta: Delta, kind: str, version: int, digest: str) -> None:
    """Raises `ValueError` when a delta does not go on from this version."""
    if (delta.kind, delta.base_version, delta.base) != (kind, version, digest):
        raise ValueError(
            f"the delta to version {delta.version} goes on from version {delta.base_version}, this is {version}: "
            "wait for the next full snapshot"
        )


def apply(base: Compiled, delta: Delta) -> Compiled:
    """The version that the delta leads to; raises `ValueError` when it goes on from another one."""
    require_next(delta, base.kind, base.version, base.digest)
    arrays = dict(base.arrays)
    for name, array in delta.whole.items():
        arrays[name] = np.concatenate([base.arrays[WORDS], array]) if name == WORDS else array
    for name, changed in delta.rows.items():
        if name not in base.arrays:
            raise ValueError(f"the delta to version {delta.version} changes {name}, which is not there")
        arrays[name] = _with_rows(base.arrays[name], changed)
    return replace(
        base, version=delta.version, digest=delta.digest, learned=delta.learned, meta=delta.meta, arrays=arrays
    )


def _rows(name: str, length: Any, arrays: Arrays) -> Rows:
    if _PLACES + name not in arrays or _ROWS + name not in arrays or type(length) is not int:
        raise ValueError(f"the delta says that {name} changes, but not how")
    places, rows = arrays[_PLACES + name], arrays[_ROWS + name]
    if places.dtype.kind != "i" or places.ndim != 1 or len(places) != len(rows):
        raise ValueError(f"the delta has {len(rows)} rows of {name} for {places.size} places")
    if len(places) and not 0 <= int(places.min()) <= int(places.max()) < length:
        raise ValueError(f"the delta changes rows that {name} does not have")
    return Rows(length, places, rows)


def _continues(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> bool:
    """Whether words only joined at the end."""
    if len(after) == len(before) or not len(before):
        return bool(np.array_equal(before, after[: len(before)]))
    return len(after) > len(before) and after[len(before)] == _LINE[0] and np.array_equal(before, after[: len(before)])


def _changed(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> Rows | None:
    """The rows that differ bit by bit, where they are fewer than half of all; else the array is as well sent whole."""
    if before.dtype != after.dtype or before.shape[1:] != after.shape[1:] or len(before) > len(after):
        return None
    common = len(before)
    differs = (_bits(before) != _bits(after[:common])).any(axis=1)
    places = np.concatenate([np.flatnonzero(differs), np.arange(common, len(after))])
    if 2 * len(places) >= len(after):
        return None
    return Rows(len(after), places, after[places])


def _bits(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    width = array.dtype.itemsize * int(np.prod(array.shape[1:]))
    return np.ascontiguousarray(array).view(np.uint8).reshape(len(array), width)


def _with_rows(before: npt.NDArray[Any], changed: Rows) -> npt.NDArray[Any]:
    if before.shape[1:] != changed.rows.shape[1:] or changed.length < len(before):
        raise ValueError("the delta brings rows of another width")
    after = np.zeros((changed.length, *before.shape[1:]), dtype=before.dtype)
    after[: len(before)] = before
    after[changed.places] = changed.rows
    return after
