"""The process in which a user's labelling functions run: `python -m winnow.runtime.function_worker FILE SECONDS BYTES`.

It says the functions' names (or why there are none), then answers requests: a line says which functions are asked
about how many records, and these follow, a line each. Function by function, each record is answered by a line:
`["vote", label]`, `["abstain", null]`, `["error", why]`, `["overrun", null]`, or `["late", null]` when the function's
time for all of them is over. Each call gets a record of its own, a limit of time, and no network, no other process and
no file to write. That keeps mistakes from doing harm; it is no cage for code that is meant to break out.
"""

import contextlib
import inspect
import json
import marshal
import os
import resource
import runpy
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Function = Callable[[dict[str, Any]], Any]
Answer = list[str | None]
_LATE: Answer = ["late", None]
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.kill", "shutil.")
_WRITES = frozenset("wax+")


class _TooLong(BaseException):
    """So that no `except Exception` of the function holds it up."""


def main(arguments: list[str]) -> int:
    """Until there are no more requests."""
    path, seconds, most_bytes = Path(arguments[0]), float(arguments[1]), int(arguments[2])
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a function prints is no answer
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    signal.signal(signal.SIGALRM, _give_up)
    sys.path.insert(0, str(path.parent))
    sys.addaudithook(_refuse)
    try:
        functions = _functions(path)
    except BaseException as error:  # noqa: BLE001 - whatever the file does when it is read, it is told
        _say(answers, ["cannot", _told(error)])
        return 1
    _say(answers, ["functions", {name: inspect.getdoc(function) or "" for name, function in functions.items()}])
    requests = sys.stdin.buffer
    for line in iter(requests.readline, b""):
        asked = json.loads(line)
        records = [marshal.dumps(json.loads(requests.readline())) for _ in range(asked["records"])]
        start = asked["start"]
        for name in asked["functions"]:
            for said in _answers(functions[name], records[start:], seconds, asked["each_s"]):
                _say(answers, said)
            start = 0
    return 0


def _functions(path: Path) -> dict[str, Function]:
    """Public functions that the file itself defines, in their order."""
    found = runpy.run_path(str(path), run_name="labelling_functions")
    own = {
        name: one
        for name, one in found.items()
        if inspect.isfunction(one) and one.__module__ == "labelling_functions" and not name.startswith("_")
    }
    return dict(sorted(own.items(), key=lambda pair: pair[1].__code__.co_firstlineno))


def _answers(function: Function, records: list[bytes], seconds: float, within_s: float | None) -> Iterator[Answer]:
    """About one record after the other."""
    until = float("inf") if within_s is None else time.monotonic() + within_s
    for record in records:
        own = marshal.loads(record)  # noqa: S302 - made above, and made again faster than by JSON
        yield _LATE if time.monotonic() > until else _answer(function, own, seconds)


def _answer(function: Function, record: dict[str, Any], seconds: float) -> Answer:
    try:
        with _at_most(seconds):
            label = function(record)
    except _TooLong:
        return ["overrun", None]
    except BaseException as error:  # noqa: BLE001 - also one that means to end this process
        return ["error", _told(error)]
    if label is None:
        return ["abstain", None]
    return ["vote", label] if isinstance(label, str) else ["error", f"{type(label).__name__} is no label"]


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def _give_up(*_: object) -> None:
    raise _TooLong


def _refuse(event: str, given: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"labelling functions may not use {event}")
    if event == "open" and isinstance(given[1], str) and _WRITES & set(given[1]):
        raise PermissionError("labelling functions may not write files")


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]


def _say(answers: int, said: Sequence[Any]) -> None:
    """At once, so that it is known which call ended the process."""
    os.write(answers, json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
