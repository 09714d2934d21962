"""Logs: JSON lines that carry ids and positions, and never a body."""

import io
import json
import logging

import pytest
import structlog

from winnow.runtime.logs import MAX_VALUE_CHARS, configure_logs

BODY = "hush-hush"


def _fail(body: str) -> None:
    raise ValueError(len(body))


@pytest.fixture
def lines():
    root, level = logging.getLogger(), logging.getLogger().level
    handlers = root.handlers[:]
    sink = io.StringIO()
    configure_logs("scorer", "info", "json", sink)
    yield lambda: [json.loads(line) for line in sink.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_service_level_and_time(lines):
    structlog.get_logger("winnow.scorer").info("decided", partition=3, offset=17)
    [line] = lines()
    assert (line["event"], line["partition"], line["offset"]) == ("decided", 3, 17)
    assert (line["service"], line["level"], line["logger"]) == ("scorer", "info", "winnow.scorer")
    assert line["timestamp"].endswith("Z")


def test_what_libraries_log_looks_the_same(lines):
    logging.getLogger("somebody").warning("lost %s", "connection")
    [line] = lines()
    assert (line["event"], line["level"], line["service"]) == ("lost connection", "warning", "scorer")


def test_bytes_and_long_values_are_not_written(lines):
    structlog.get_logger().warning("dead_letter", original=b"secret", text="secret" * 1000, record={"text": "x" * 9999})
    [line] = lines()
    assert line["original"] == "<6 bytes>"
    assert len(line["text"]) < MAX_VALUE_CHARS + 40
    assert len(line["record"]) < MAX_VALUE_CHARS + 40


def test_a_traceback_comes_without_local_variables(lines):
    try:
        _fail(BODY)
    except ValueError:
        structlog.get_logger().exception("crashed", partition=1)
    [line] = lines()
    assert "ValueError: 9" in line["exception"]
    assert BODY not in json.dumps(line)


def test_less_than_the_level_is_not_written(lines):
    structlog.get_logger().debug("detail")
    logging.getLogger("aiokafka.consumer").info("joined")
    assert lines() == []


def test_people_get_plain_lines():
    sink = io.StringIO()
    handlers = logging.getLogger().handlers[:]
    try:
        configure_logs("scorer", "info", "console", sink)
        structlog.get_logger().info("decided", partition=3)
    finally:
        logging.getLogger().handlers[:] = handlers
        structlog.reset_defaults()
    assert "decided" in sink.getvalue()
    assert "partition=3" in sink.getvalue()
