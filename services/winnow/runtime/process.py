"""The boundary of a service's process: signals, the last word about a crash, and the exit code.

0: done, 1: failed (start it again), 2: wrong usage (the operator must change something).
"""

import gc
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import structlog

from winnow.runtime.errors import RestartNeeded, StoppedWaiting, TransientError, UsageError
from winnow.runtime.logs import configure_logs
from winnow.runtime.settings import Settings, load_settings
from winnow.runtime.stop_signals import stop_on_signals

_log = structlog.get_logger(__name__)
_STOP = threading.Event()

_GARBAGE_THRESHOLDS = (50_000, 20, 20)
DONE, FAILED, WRONG_USAGE = 0, 1, 2


def stop_event() -> threading.Event:
    """Set when the process was asked to end (SIGTERM, Ctrl-C); asking twice changes nothing."""
    return _STOP


def raise_if_stopped() -> None:
    """For whoever waits for something: raises `StoppedWaiting` when the process was asked to end."""
    if _STOP.is_set():
        raise StoppedWaiting


def run_service(name: str, main: Callable[[Settings], int]) -> NoReturn:
    """Run `main` with the settings of the environment, and exit with its code.

    Errors become one line on stderr that says what is wrong; a crash goes to the log with its
    traceback and the position at which it happened.
    """
    _calm_the_collector()
    with stop_on_signals(_STOP):
        code = _exit_code(name, main)
    sys.exit(code)


def _exit_code(name: str, main: Callable[[Settings], int]) -> int:
    try:
        settings = load_settings()
        configure_logs(name, settings.log.level, settings.log.format)
        return main(settings)
    except StoppedWaiting:
        return DONE
    except UsageError as error:
        return _fail(name, str(error), WRONG_USAGE)
    except (RestartNeeded, TransientError) as error:
        return _fail(name, f"{error}: exit for a restart", FAILED)
    except Exception as error:  # noqa: BLE001 - here a crash becomes an exit
        _log.exception("crashed")
        return _fail(name, f"crashed ({type(error).__name__}: {error}); see the log", FAILED)


def _calm_the_collector() -> None:
    """What was imported stays, and batches of messages are no cycles: look for garbage less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_THRESHOLDS)


def _fail(name: str, message: str, code: int) -> int:
    sys.stderr.write(f"winnow {name}: {' '.join(message.split())}\n")
    sys.stderr.flush()
    return code
