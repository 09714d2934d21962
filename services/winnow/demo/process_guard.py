"""Runs a program that ends with us, however we end: even after kill -9 nothing is left behind.

Between us and the program stands a small guard process, this very file run as a script. It starts
the program, watches over both ends, and kills the program when its parent is gone. A guard is the
program's own parent, so it never signals a process id that somebody else has got meanwhile; it is
in a session of its own, so Ctrl-C does not reach the program before we have finished with it.
Run as a script it must stay cheap: standard library only, no import of Winnow.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_LOOK_EVERY_S = 0.1
_STOP_WITHIN_S = 1.0
_PR_SET_PDEATHSIG = 1


class GuardedProcess:
    """A running program; `close` ends it (first asks, then insists) and returns when it is gone."""

    def __init__(self, command: Sequence[str], output: Path, environment: Mapping[str, str] | None = None) -> None:
        self._output = output
        guard = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(os.getpid()), *command]
        with output.open("ab") as sink:
            self._guard = subprocess.Popen(  # noqa: S603 - our own command, no shell
                guard,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._guard.poll() is None

    def last_words(self) -> str:
        """The end of what it printed, on one line."""
        lines = self._output.read_text(errors="replace").split("\n")
        return " | ".join(line.strip() for line in lines if line.strip())[-500:]

    def close(self) -> None:
        """End it; a second call does nothing."""
        if self.is_running:
            self._guard.terminate()
        self._guard.wait()


def main(arguments: Sequence[str]) -> int:
    """The guard: `PARENT_PID PROGRAM ARGUMENT...`; ends with the program's exit code."""
    parent, command = int(arguments[0]), arguments[1:]
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    program = subprocess.Popen(command, preexec_fn=_prepare)  # noqa: S603, PLW1509 - single-threaded
    try:
        while program.poll() is None and not asked and os.getppid() == parent:
            time.sleep(_LOOK_EVERY_S)
        if asked:
            _end(program)
    finally:
        program.kill()
    return program.wait()


def _end(program: "subprocess.Popen[bytes]") -> None:
    program.terminate()
    try:
        program.wait(_STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        program.kill()


def _prepare() -> None:
    """In the program, before it runs: where the kernel can (Linux), it dies with its guard."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
