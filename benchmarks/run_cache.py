"""Long runs are done once: what came out is kept by (row, seed, hash of the code it rests on).

    cache = RunCache(CACHE_FOLDER, code_hash(REPLAY_CODE, REPLAY_PACKAGES))
    values = cache.get("ledger alone/0.05", "s1")  # None when it was never done with this code
    cache.put("ledger alone/0.05", "s1", values)   # any JSON object

A row's name has to say everything a run depends on besides seed and code: data, model, target, length.
An entry appears whole or not at all, so a run that is killed is simply done again; two processes may
write the same one. Entries of older code stay where they are and are not read.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
CACHE_FOLDER = REPOSITORY / "benchmarks" / ".cache"

_WINNOW = REPOSITORY / "services" / "winnow"
RISK_CODE = (_WINNOW / "core" / "risk", REPOSITORY / "schemas" / "winnow_schemas")
"""What a simulation of the ledger, the gate or the monitor rests on."""

REPLAY_CODE = (
    _WINNOW / "core",
    *sorted((_WINNOW / "replay").glob("*.py")),
    _WINNOW / "scorer" / "tally.py",
    REPOSITORY / "schemas" / "winnow_schemas",
)
"""What a replay of a file rests on; not its report."""

REPLAY_PACKAGES = ("river", "numpy")

Values = dict[str, Any]


def code_hash(places: Iterable[Path], packages: Iterable[str] = REPLAY_PACKAGES) -> str:
    """Sixteen hex characters of all Python files there (folders with all below) and the versions of the packages.

    Raises `FileNotFoundError` for a place that is none: a renamed file must not go unnoticed.
    """
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted({path for place in places for path in _sources(place)}):
        digest.update(f"{path.relative_to(REPOSITORY)}\0".encode())
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    for name, found in sorted(versions(packages).items()):
        digest.update(f"{name}=={found}\0".encode())
    return digest.hexdigest()


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The installed version of each package; of one that is absent, that it is."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def _sources(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from place.rglob("*.py")
    elif place.is_file():
        yield place
    else:
        raise FileNotFoundError(f"{place}: the code that a benchmark rests on is not there any more")


class RunCache:
    """What came out of runs of one state of the code."""

    def __init__(self, folder: Path, code: str) -> None:
        self.code = code
        self._folder = folder / code

    def get(self, row: str, seed: str) -> Values | None:
        """What came out; None when it is not known."""
        try:
            entry = json.loads(self._path(row, seed).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        found: Values = entry["values"]
        return found

    def put(self, row: str, seed: str, values: Mapping[str, Any]) -> None:
        """Keep it, durably, from here on."""
        path = self._path(row, seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        entry = json.dumps({"row": row, "seed": seed, "code": self.code, "values": values}, allow_nan=False)
        handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(entry)
                out.flush()
                os.fsync(out.fileno())
            Path(unfinished).replace(path)
        finally:
            Path(unfinished).unlink(missing_ok=True)

    def _path(self, row: str, seed: str) -> Path:
        name = f"{row}/{seed}"
        readable = "".join(letter if letter.isalnum() else "-" for letter in name)[:80]
        own = hashlib.blake2b(json.dumps([row, seed]).encode(), digest_size=6).hexdigest()
        return self._folder / f"{readable}-{own}.json"
