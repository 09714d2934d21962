"""A run whose row says what it does; what comes out is kept in the folder that SCRIPTED_CACHE names."""

import os
import sys
from pathlib import Path

from benchmarks import run_process
from winnow.runtime.errors import UsageError


def work(row, seed, step):
    step(7, "")
    if row == "fails":
        raise UsageError("this row cannot be run")
    while row == "endless":
        step(7, "")
    return {"records": 7}


def code():
    return "changed" if "changed" in sys.argv else "c0de"


if __name__ == "__main__":
    run_process.CACHE_FOLDER = Path(os.environ["SCRIPTED_CACHE"])
    sys.exit(run_process.serve(code, work))
