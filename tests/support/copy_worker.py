"""A process that copies a topic: `python -m tests.support.copy_worker SOURCE TARGET PACE_S [STOP_ONCE]`."""

import sys
from pathlib import Path

from tests.support.copy_handler import SlowCopyHandler

from winnow.runtime.loop import LoopPolicy, TransactionalLoop
from winnow.runtime.process import run_service, stop_event
from winnow.runtime.settings import Settings


def main(settings: Settings) -> int:
    source, target, pace_s, *stop_once = sys.argv[1:]
    handler = SlowCopyHandler(target, float(pace_s), Path(stop_once[0]) if stop_once else None)
    policy = LoopPolicy(batch_size=50, max_wait_s=0.02)
    TransactionalLoop(settings, [source], "copier", settings.slot, handler, policy).run(stop_event())
    return 0


if __name__ == "__main__":
    run_service("copier", main)
