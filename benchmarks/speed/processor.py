"""Processor time and cores of processes, as Linux counts them."""

import os
from pathlib import Path

BROKER_CORE, CLIENT_CORE = 0, 1
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads, its children and theirs."""
    return sum(_own_seconds(each) for each in (pid, *_descendants(pid)))


def memory_mb(pid: int) -> float:
    """The most memory that a process had, its children left out."""
    try:
        lines = (_PROC / str(pid) / "status").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def resident_bytes(pid: int) -> int:
    """Memory that a process with its children and theirs has in use."""
    return sum(_own_pages(each) for each in (pid, *_descendants(pid))) * _PAGE_BYTES


def take_core(core: int) -> None:
    """From here on we, and whatever we start, run on one core."""
    os.sched_setaffinity(0, {core})


def model_name() -> str:
    """What the processor calls itself."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _own_seconds(pid: int) -> float:
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / _TICKS_PER_S if fields else 0.0


def _own_pages(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[21]) if fields else 0


def _descendants(pid: int) -> list[int]:
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []
    return [*children, *(each for child in children for each in _descendants(child))]


def _stat(pid: int) -> list[str]:
    """The fields after the name, which is in parentheses and may have spaces."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
