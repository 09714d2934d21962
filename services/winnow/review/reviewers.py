"""Who may review: the reviewers file, read again whenever it changes, so that a token can be revoked at any time.

Tokens are kept as SHA-256 only; a token is compared with all of them in constant time.
"""

import hashlib
import hmac
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from winnow.runtime.errors import UsageError

Role = Literal["reviewer", "operator", "consumer"]
"""Reviewers answer; consumers of labels may look them up and dispute them; operators may do both."""
LOOK_AGAIN_S = 1.0

log = structlog.get_logger(__name__)


class Reviewer(BaseModel):
    """One person, or one machine that reviews."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=100)]
    role: Role
    token_sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]

    @property
    def may_review(self) -> bool:
        """Whether this one's answers count."""
        return self.role != "consumer"


@dataclass(frozen=True, slots=True)
class _Version:
    modified: int
    size: int


def token_hash(token: str) -> str:
    """What the reviewers file keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class ReviewersFile:
    """The reviewers in `path`; looked at again when a second has passed on `clock`.

    A file that becomes unreadable later keeps its last good content, and says so in the log.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float]) -> None:
        if path is None:
            raise UsageError(
                "no reviewers given: set WINNOW_REVIEW__REVIEWERS_FILE to a YAML list of {name, role, token_sha256}"
            )
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._version = _version(path)
        self._reviewers = read_reviewers(path)
        self._looked_at = clock()

    def names(self) -> Collection[str]:
        """Names of all who may review."""
        return {name for name, reviewer in self._current().items() if reviewer.may_review}

    def all(self) -> list[Reviewer]:
        """Who may review, by name."""
        return sorted(self._current().values(), key=lambda reviewer: reviewer.name)

    def by_name(self, name: str) -> Reviewer | None:
        """The reviewer of that name."""
        return self._current().get(name)

    def by_token(self, token: str) -> Reviewer | None:
        """Whose token this is."""
        given, found = token_hash(token), None
        for reviewer in self._current().values():
            if hmac.compare_digest(given, reviewer.token_sha256.lower()):
                found = reviewer
        return found

    def _current(self) -> dict[str, Reviewer]:
        with self._lock:
            if self._clock() - self._looked_at >= LOOK_AGAIN_S:
                self._looked_at = self._clock()
                self._read_again()
            return self._reviewers

    def _read_again(self) -> None:
        try:
            version = _version(self._path)
            if version != self._version:
                self._reviewers = read_reviewers(self._path)
                self._version = version
        except UsageError as error:
            log.warning("the reviewers file cannot be used; the last good one stays", error=str(error))


def read_reviewers(path: Path) -> dict[str, Reviewer]:
    """All reviewers of a file by name; raises `UsageError`."""
    try:
        entries = TypeAdapter(list[Reviewer]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the reviewers file {path} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"the reviewers file {path} is no YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(f"the reviewers file {path}: {where}: {first['msg']}") from None
    reviewers = {entry.name: entry for entry in entries}
    if len(reviewers) < len(entries):
        raise UsageError(f"the reviewers file {path}: each name may stand once only")
    return reviewers


def _version(path: Path) -> _Version:
    try:
        found = path.stat()
    except OSError as error:
        raise UsageError(f"the reviewers file {path} cannot be read: {error}") from None
    return _Version(found.st_mtime_ns, found.st_size)
