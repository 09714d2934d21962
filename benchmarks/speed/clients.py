"""The programs that are measured, how each is started, and by what its progress is seen."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.child_process import end_child, start_child

from benchmarks.run_cache import REPOSITORY
from benchmarks.speed.processor import cpu_seconds, memory_mb

if TYPE_CHECKING:
    import subprocess

_ENDS_WITHIN_S = 10.0


@dataclass(frozen=True)
class Program:
    """A Python program: in which environment of the repository it runs, and what is called there.

    `is_transactional` says by what its progress is counted: committed offsets, else messages written.
    """

    name: str
    title: str
    promise: str
    environment: str
    arguments: Sequence[str]
    is_transactional: bool

    @property
    def python(self) -> Path:
        """The interpreter."""
        return Path(sys.executable) if not self.environment else REPOSITORY / self.environment / "bin" / "python"

    @property
    def lock(self) -> Path | None:
        """The file that pins what its environment has."""
        peer = self.environment.removeprefix(".venv-bench-")
        return REPOSITORY / "requirements" / "bench-peers" / f"{peer}.lock" if peer else None

    def command(self, state: Path) -> list[str]:
        """How it is called; `{state}` in an argument stands for its empty folder."""
        return [str(self.python), *(argument.format(state=state) for argument in self.arguments)]


_LOOPS, _PEERS = "benchmarks.speed.loops", "benchmarks.speed.peers"
PASS_THROUGH = Program(
    "passthrough", "transactional pass-through", "exactly once", "", ("-m", f"{_LOOPS}.pass_through"), True
)
RIVER_LOOP = Program(
    "river", "the same loop, River one by one", "exactly once", "", ("-m", f"{_LOOPS}.river_loop"), True
)
WINNOW = Program("winnow", "Winnow", "exactly once", "", ("-m", "winnow", "run", "scorer"), True)
PEERS = (
    Program(
        "bytewax",
        "Bytewax",
        "at least once",
        ".venv-bench-bytewax",
        ("-m", "bytewax.run", f"{_PEERS}.bytewax_peer", "-r", "{state}", "-s", "10", "-b", "0"),
        False,
    ),
    Program("quix", "Quix Streams", "exactly once", ".venv-bench-quix", ("-m", f"{_PEERS}.quix_peer"), True),
    Program(
        "faststream",
        "FastStream, batches",
        "at least once",
        ".venv-bench-faststream",
        ("-m", f"{_PEERS}.faststream_peer"),
        False,
    ),
    Program(
        "faust",
        "Faust, tuned",
        "at least once",
        ".venv-bench-faust",
        ("-m", f"{_PEERS}.faust_peer", "worker", "--without-web", "--loglevel", "warn"),
        False,
    ),
)


@dataclass(frozen=True)
class Client:
    """A program that runs."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def cpu_s(self) -> float:
        """Processor time so far."""
        return cpu_seconds(self.process.pid)

    def memory_mb(self) -> float:
        """The most memory it had so far."""
        return memory_mb(self.process.pid)

    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self.process.poll() is not None

    def last_words(self) -> str:
        """The end of what it printed, on one line."""
        return " | ".join(self.log.read_text(errors="replace").split("\n")[-8:]).strip(" |")[-800:]


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], folder: Path, core: int | None) -> Iterator[Client]:
    """A program from its start to its end; on one core, or on all when there is none given."""
    log = folder / "client.log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WINNOW_", "SPEED_", "PYTHON"))}
    whole = {**clean, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY), **environment}
    process = start_child(command, output=log, environment=whole)
    os.sched_setaffinity(process.pid, {core} if core is not None else range(os.cpu_count() or 1))
    try:
        yield Client(process, log)
    finally:
        end_child(process, within_s=_ENDS_WITHIN_S)
