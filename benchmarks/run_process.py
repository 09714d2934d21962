"""One run in a process of its own, at low priority: `python -m benchmarks.MODULE ROW SEED CODE`.

The process writes what came out into the cache and tells on stdout how many records are done, a number
a line. When whoever started it is gone, so is its stdout, and it ends at the next number.
"""

import os
import sys
from collections.abc import Callable

from benchmarks.run_cache import CACHE_FOLDER, RunCache, Values
from winnow.runtime.errors import UsageError

NICENESS = 10
CODE_HAS_CHANGED = 3

Step = Callable[[int, str], None]
Work = Callable[[str, str, Step], Values]
"""Does one run, given its row and seed; tells the step how many records are done."""


def serve(code: Callable[[], str], work: Work) -> int:
    """The process; `code` says the hash of what the run rests on, before and after it."""
    row, seed, wanted = sys.argv[1:4]
    os.nice(NICENESS)
    try:
        values = _unless_changed(code, wanted, work, row, seed)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if values is None:
        print("the code changed while it was measured; start again", file=sys.stderr)
        return CODE_HAS_CHANGED
    RunCache(CACHE_FOLDER, wanted).put(row, seed, values)
    return 0


def _unless_changed(code: Callable[[], str], wanted: str, work: Work, row: str, seed: str) -> Values | None:
    if code() != wanted:
        return None
    values = work(row, seed, _tell)
    return values if code() == wanted else None


def _tell(done: int, _note: str) -> None:
    print(done, flush=True)
