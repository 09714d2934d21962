"""How a command fails: one line on stderr that says what to do, and an exit code."""

import sys
from collections.abc import Callable

from confluent_kafka import KafkaError, KafkaException
from typer.exceptions import Abort, TyperException

from winnow.cli.terminal import complain
from winnow.runtime.errors import RestartNeeded, TransientError, UsageError

DONE, FAILED, WRONG_USAGE = 0, 1, 2
_AWAY = frozenset({KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, KafkaError._RESOLVE})  # noqa: SLF001


class CommandFailed(Exception):
    """The command was understood but could not be done, or what it checked is not so. Exit code 1."""


def exit_code_of(run: Callable[[], int | None]) -> int:
    """Runs a command line; whatever goes wrong is told in one line, and never as a traceback."""
    try:
        return run() or DONE
    except TyperException as error:
        if message := _one_line(error.format_message()):  # empty when the help itself was printed
            complain(f"{message} (see --help)")
        return WRONG_USAGE
    except UsageError as error:
        for line in str(error).splitlines():
            complain(line)
        return WRONG_USAGE
    except (CommandFailed, TransientError, RestartNeeded) as error:
        complain(_one_line(str(error)))
    except KafkaException as error:
        complain(_about_kafka(error))
    except (Abort, KeyboardInterrupt):
        complain("interrupted")
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:  # noqa: BLE001 (the process boundary)
        complain(f"this should not have happened: {type(error).__name__}: {_one_line(str(error))}; please report it")
    return FAILED


def _about_kafka(error: KafkaException) -> str:
    reason = error.args[0]
    if isinstance(reason, KafkaError) and reason.code() in _AWAY:
        return "Kafka does not answer: is it running, and is WINNOW_KAFKA__BOOTSTRAP_SERVERS (or --bootstrap) right?"
    text = reason.str() if isinstance(reason, KafkaError) else str(error)
    return f"Kafka refused: {_one_line(text)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:500]
