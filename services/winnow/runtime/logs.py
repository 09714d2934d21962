"""Structured logs on stderr: JSON lines, or coloured lines on a terminal.

Logs carry ids and positions, never bodies: bytes are shown as their length, long values are cut,
and tracebacks come without local variables. What libraries log through `logging` looks the same.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import Processor

Format = Literal["auto", "json", "console"]
MAX_VALUE_CHARS = 500
_UNCUT = frozenset({"exception", "event"})
_NOISY = ("aiokafka", "asyncio", "httpcore", "httpx", "faust", "mode", "uvicorn")


def configure_logs(service: str, level: str = "info", form: Format = "auto", stream: TextIO | None = None) -> None:
    """All logs of this process, each line with the service's name."""
    sink = stream or sys.stderr
    handler = logging.StreamHandler(sink)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(service),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(form, sink)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(service),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def without_bodies(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Bytes become their length, long values are cut."""
    for key, value in event.items():
        if isinstance(value, bytes | bytearray | memoryview):
            event[key] = f"<{len(value)} bytes>"
        elif key not in _UNCUT and not isinstance(value, int | float | bool | None):
            event[key] = _cut(value)
    return event


def _cut(value: Any) -> Any:
    text = value if isinstance(value, str) else repr(value)
    if len(text) <= MAX_VALUE_CHARS:
        return value
    return f"{text[:MAX_VALUE_CHARS]}... ({len(text)} characters)"


def _shared(service: str) -> list[Processor]:
    def named(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("service", service)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        named,
        without_bodies,
    ]


def _renderer(form: Format, sink: TextIO) -> Processor:
    for_people = sink.isatty() if form == "auto" else form == "console"
    if not for_people:
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=repr)
    return structlog.dev.ConsoleRenderer(colors=sink.isatty(), exception_formatter=structlog.dev.plain_traceback)
