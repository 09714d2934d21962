"""The dashboard as a process on a broker: rebuilt after a restart, undisturbed by bad messages and bad watchers."""

import socket
import subprocess
import sys
import time

import httpx
import pytest
from tests.dashboard.metrics_story import metric, story
from tests.dashboard.running_dashboard import RunningDashboard
from tests.support.environment import as_environment
from tests.support.waiting import eventually

from winnow.runtime.settings import Settings

pytestmark = pytest.mark.kafka


def gauges(dashboard: RunningDashboard) -> dict[str, float]:
    lines = dashboard.get("/metrics").text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def run_to_its_end(settings: Settings, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "winnow.dashboard"]
    environment = as_environment(settings, WINNOW_HTTP__PORT=str(port))
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)


def test_a_restarted_dashboard_shows_the_same_board(dashboard):
    dashboard.send(story(time.time(), 60))
    dashboard.start()
    before = dashboard.board()
    assert dashboard.stop() == 0

    dashboard.start()

    after = dashboard.board()
    assert after["flow"]["records"] > 2000
    assert {name: after[name] for name in ("flow", "gate", "history", "alarms", "learner", "delay")} == {
        name: before[name] for name in ("flow", "gate", "history", "alarms", "learner", "delay")
    }


def test_messages_that_are_no_metrics_are_counted_and_passed_over(dashboard):
    poison = [b"{", b"\xff\xfe", b"null", b'{"family": "weather"}', b"[" * 5000, None]
    dashboard.send_raw(poison)
    dashboard.send(story(time.time(), 3))
    dashboard.start()

    assert dashboard.get("/v1/board").json()["reading"]["unreadable"] == len(poison)
    assert dashboard.board()["flow"]["records"] > 100
    assert gauges(dashboard)["winnow_dashboard_unreadable_total"] == len(poison)
    assert "weather" not in dashboard.log.read_text()


def test_prometheus_reads_the_boards_figures(dashboard):
    dashboard.send(story(time.time(), 60))
    dashboard.start()
    figures = dashboard.board()

    read = gauges(dashboard)

    for outcome in ("auto", "review", "unlabelled", "dead"):
        assert read[f'winnow_records_total{{outcome="{outcome}"}}'] == figures["flow"][outcome]
    assert read["winnow_auto_share"] == figures["flow"]["auto_share"]
    assert read["winnow_error_estimate"] == figures["gate"]["error_estimate"]
    assert read["winnow_error_bound"] == figures["gate"]["error_at_most"]
    assert read["winnow_target"] == 0.05
    assert read["winnow_queue_open"] == figures["flow"]["open"]
    assert read["winnow_model_version"] == figures["learner"]["version"]
    assert read['winnow_gate_state{state="auto"}'] == 1


def test_an_empty_topic_gives_an_empty_board(dashboard):
    dashboard.start()

    assert dashboard.board()["flow"]["records"] == 0
    assert "winnow_error_bound" not in gauges(dashboard)
    assert dashboard.get("/healthz").is_success


def test_watchers_that_do_not_read_and_watchers_that_leave_hold_nobody_up(dashboard):
    dashboard.send(story(time.time(), 720))
    dashboard.start()
    deaf = [socket.create_connection(("127.0.0.1", dashboard.port)) for _ in range(20)]
    for connection in deaf:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.sendall(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
    for connection in deaf[10:]:
        connection.close()

    with httpx.stream("GET", f"{dashboard.address}/events", timeout=10) as stream:
        lines = stream.iter_lines()
        boards = [line for line in (next(lines) for _ in range(12)) if line.startswith("data: ")]
    code = dashboard.stop()

    assert len(boards) >= 2
    assert code == 0
    for connection in deaf[:10]:
        connection.close()


def test_the_page_may_load_nothing_but_its_own_files_and_cannot_be_framed(dashboard):
    dashboard.start()

    policy = dashboard.get("/").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert dashboard.get("/docs").status_code == 404
    assert httpx.post(f"{dashboard.address}/v1/board").status_code == 405


def test_a_port_in_use_is_one_line_that_says_what_to_do(make_settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run_to_its_end(make_settings(), taken.getsockname()[1])

    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith("winnow dashboard: cannot listen on 127.0.0.1:")
    assert "WINNOW_HTTP__PORT" in ended.stderr


def test_a_missing_topic_is_one_line_that_says_what_to_do(make_settings):
    ended = run_to_its_end(make_settings(), 0)

    assert ended.returncode == 2
    assert "run `winnow topics create`" in ended.stderr


def test_numbers_follow_the_topic_while_it_grows(dashboard):
    dashboard.start()
    now = time.time() // 10 * 10

    for sequence, records in enumerate((10, 20, 30)):
        dashboard.send([metric("flow", "monitor", now, {"records": records, "auto": records}, sequence)])
        eventually(lambda wanted=records: dashboard.board()["flow"]["records"] == wanted, within_s=10)
    dashboard.send([metric("flow", "monitor", now, {"records": 5}, 0)])
    dashboard.send([metric("flow", "monitor", now, {"records": 40, "auto": 40}, 4)])
    eventually(lambda: dashboard.board()["flow"]["records"] == 40, within_s=10)
