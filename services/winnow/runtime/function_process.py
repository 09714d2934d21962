"""The process in which labelling functions run, as its parent sees it: handed records, it answers call by call."""

import json
import os
import select
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from winnow.runtime.errors import UsageError

_STARTS_WITHIN_S = 30.0
_GRACE_S = 0.5
_KEPT_OF_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "VIRTUAL_ENV")
"""No secrets: settings of a deployment are none of a function's business."""


class NoAnswer(Exception):
    """A call was not answered; the process has ended."""

    def __init__(self, outcome: Literal["error", "overrun"], why: str | None) -> None:
        super().__init__(why)
        self.outcome = outcome
        self.why = why


class FunctionProcess:
    """One process; raises `UsageError` when the file defines no function. `described` is what each says of itself."""

    def __init__(self, file: Path, seconds: float, memory: int) -> None:
        self._seconds = seconds
        command = [sys.executable, "-m", "winnow.runtime.function_worker", str(file.resolve())]
        kept = {name: os.environ[name] for name in _KEPT_OF_ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - the user's own functions, in a process that limits them
            [*command, str(seconds), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
        )
        self._lines: deque[bytes] = deque()
        self._unfinished = b""
        self.described: Mapping[str, str] = self._introduced(file)

    def ask(
        self, names: Sequence[str], bodies: Sequence[bytes], start: int, within_s: float | None
    ) -> Iterator[tuple[str, Any]]:
        """What each function says of each record, function by function; the first of them begins at `start`.

        Each gets its part of `within_s`, what comes after that is `late`. Raises `NoAnswer`.
        """
        each_s = None if within_s is None else within_s / len(names)
        request = {"functions": list(names), "records": len(bodies), "start": start, "each_s": each_s}
        try:
            self._tell(b"\n".join([json.dumps(request).encode(), *bodies, b""]))
            for _ in range(len(names) * len(bodies) - start):
                outcome, value = self._hear(self._seconds + _GRACE_S)
                yield outcome, value
        except TimeoutError:
            self.close()
            raise NoAnswer("overrun", None) from None
        except (BrokenPipeError, EOFError):
            self.close()
            raise NoAnswer("error", "it ended its process: too much memory?") from None

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _introduced(self, file: Path) -> Mapping[str, str]:
        try:
            kind, told = self._hear(_STARTS_WITHIN_S)
        except (TimeoutError, EOFError):
            kind, told = "cannot", f"it was not read within {_STARTS_WITHIN_S:g} s, or ended the process"
        if kind == "functions" and told:
            return told  # type: ignore[no-any-return]
        self.close()
        raise UsageError(f"{file}: {told or 'it defines no public function: each takes a record and votes'}")

    def _tell(self, request: bytes) -> None:
        """The worker reads all of a request before it answers, so that neither waits for the other."""
        assert self._process.stdin
        self._process.stdin.write(request)
        self._process.stdin.flush()

    def _hear(self, within_s: float) -> Any:
        """The next line; raises `TimeoutError` and `EOFError`."""
        assert self._process.stdout
        source = self._process.stdout.fileno()
        while not self._lines:
            if not select.select([source], [], [], within_s)[0]:
                raise TimeoutError
            read = os.read(source, 1 << 16)
            if not read:
                raise EOFError
            *lines, self._unfinished = (self._unfinished + read).split(b"\n")
            self._lines.extend(lines)
        return json.loads(self._lines.popleft())
