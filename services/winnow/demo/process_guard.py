"""Runs a program that ends with us, however we end: even after kill -9 nothing is left behind.

Between us and the program stands a small guard process, this very file run as a script. It starts
the program, watches over both ends, and kills the program when its parent is gone. A guard is the
program's own parent, so it never signals a process id that somebody else has got meanwhile; it is
in a session of its own, so Ctrl-C does not reach the program before we have finished with it.
Run as a script it must stay cheap: standard library only, no import of Winnow.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_LOOK_EVERY_S = 0.1
_PR_SET_PDEATHSIG = 1


class GuardedProcess:
    """A running program; `close` ends it (first asks, after `stop_within_s` insists) and returns when it is gone.

    It prints to the file `output`, or where we print when there is none.
    """

    def __init__(
        self,
        command: Sequence[str],
        output: Path | None,
        environment: Mapping[str, str] | None = None,
        stop_within_s: float = 1.0,
    ) -> None:
        self._output = output
        watch = [str(os.getpid()), str(stop_within_s)]
        guard = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), *watch, *command]
        with contextlib.ExitStack() as stack:
            sink = stack.enter_context(output.open("ab")) if output else None
            self._guard = subprocess.Popen(  # noqa: S603 - our own command, no shell
                guard,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT if sink else None,
                env=None if environment is None else dict(environment),
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._guard.poll() is None

    @property
    def exit_code(self) -> int | None:
        """What it ended with; None while it runs."""
        return self._guard.poll()

    def ask_to_end(self) -> None:
        """Begin to end it, and do not wait."""
        if self.is_running:
            self._guard.terminate()

    def last_words(self) -> str:
        """The end of what it printed to its file, on one line."""
        if self._output is None:
            return ""
        lines = self._output.read_text(errors="replace").split("\n")
        return " | ".join(line.strip() for line in lines if line.strip())[-500:]

    def close(self) -> None:
        """End it; a second call does nothing."""
        self.ask_to_end()
        self._guard.wait()


def main(arguments: Sequence[str]) -> int:
    """The guard: `PARENT_PID STOP_WITHIN_S PROGRAM ARGUMENT...`; ends with the program's exit code."""
    parent, stop_within_s, command = int(arguments[0]), float(arguments[1]), arguments[2:]
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    program = subprocess.Popen(command, preexec_fn=_prepare)  # noqa: S603, PLW1509 - single-threaded
    try:
        while program.poll() is None and not asked and os.getppid() == parent:
            time.sleep(_LOOK_EVERY_S)
        if asked:
            _end(program, stop_within_s)
    finally:
        program.kill()
    return program.wait()


def _end(program: "subprocess.Popen[bytes]", within_s: float) -> None:
    program.terminate()
    try:
        program.wait(within_s)
    except subprocess.TimeoutExpired:
        program.kill()


def _prepare() -> None:
    """In the program, before it runs: where the kernel can (Linux), it dies with its guard."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
