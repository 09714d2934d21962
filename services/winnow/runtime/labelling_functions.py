"""A user's labelling functions, asked in a process of their own; whatever they do, an answer comes."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from winnow.runtime.errors import UsageError
from winnow_schemas.records import Record

Outcome = Literal["vote", "abstain", "error", "overrun"]
_STARTS_WITHIN_S = 30.0
_GRACE_S = 1.0
_KEPT_OF_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "VIRTUAL_ENV")
"""No secrets: settings of a deployment are none of a function's business."""


class Heard(NamedTuple):
    """What came of asking one function about one record; `label` is there for a vote, `why` for an error."""

    outcome: Outcome
    label: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionLimits:
    """Seconds a call may take, and bytes of memory that all functions together may use."""

    seconds: float = 0.1
    memory: int = 1 << 30


class LabellingFunctions:
    """Functions of one file. A process that hangs or dies is replaced; the call in question counts as what it was."""

    def __init__(self, file: Path, labels: Sequence[str], limits: FunctionLimits) -> None:
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file of labelling functions")
        self._file = file
        self._labels = frozenset(labels)
        self._limits = limits
        self._process, self.described = self._started()

    @property
    def names(self) -> tuple[str, ...]:
        """In the order in which they stand in the file."""
        return tuple(self.described)

    def ask(self, record: Record) -> dict[str, Heard]:
        """What each function says of a record."""
        return {name: self._ask(name, record) for name in self.described}

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, name: str, record: Record) -> Heard:
        try:
            self._tell([record, name])
            said = self._hear(self._limits.seconds + _GRACE_S)
        except TimeoutError:
            self._replace()
            return Heard("overrun")
        except (BrokenPipeError, EOFError):
            self._replace()
            return Heard("error", why="it ended its process: too much memory?")
        outcome, value = said
        if outcome == "vote" and value not in self._labels:
            return Heard("error", why=f"{value[:50]!r} is no label of the task")
        return Heard(outcome, label=value if outcome == "vote" else None, why=value if outcome == "error" else None)

    def _started(self) -> tuple[subprocess.Popen[bytes], Mapping[str, str]]:
        limits = [str(self._limits.seconds), str(self._limits.memory)]
        command = [sys.executable, "-m", "winnow.runtime.function_worker", str(self._file.resolve()), *limits]
        kept = {name: os.environ[name] for name in _KEPT_OF_ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - the user's own functions, in a process that limits them
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept
        )
        self._unread = b""
        try:
            kind, told = self._hear(_STARTS_WITHIN_S)
        except (TimeoutError, EOFError):
            kind, told = "cannot", f"it was not read within {_STARTS_WITHIN_S:g} s, or ended the process"
        if kind == "functions" and told:
            return self._process, told
        self.close()
        raise UsageError(f"{self._file}: {told or 'it defines no public function: each takes a record and votes'}")

    def _replace(self) -> None:
        self.close()
        self._process, _ = self._started()

    def _tell(self, request: list[Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def _hear(self, within_s: float) -> Any:
        """The next line; raises `TimeoutError` and `EOFError`."""
        assert self._process.stdout
        source = self._process.stdout.fileno()
        while b"\n" not in self._unread:
            if not select.select([source], [], [], within_s)[0]:
                raise TimeoutError
            read = os.read(source, 1 << 16)
            if not read:
                raise EOFError
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line)
