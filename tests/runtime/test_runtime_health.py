"""Health over HTTP: alive, ready, metrics, and a port in use told in one line."""

import http.client
import json
import socket
import subprocess
import sys

import pytest
from prometheus_client import CollectorRegistry, Counter

from winnow.runtime.errors import UsageError
from winnow.runtime.health import HealthServer, is_ready


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def health(registry):
    with HealthServer("scorer", "127.0.0.1", 0, registry) as server:
        yield server


def test_a_service_is_alive_before_it_is_ready(health):
    assert get(health.port, "/healthz")[0] == 200
    assert get(health.port, "/readyz")[0] == 503
    health.ready(True)
    code, text = get(health.port, "/readyz")
    assert (code, json.loads(text)) == (200, {"service": "scorer", "status": "ready"})
    health.ready(False)
    assert get(health.port, "/readyz?now")[0] == 503


def test_metrics_are_those_of_the_registry(health, registry):
    Counter("winnow_records", "records", registry=registry).inc(3)
    assert "winnow_records_total 3.0" in get(health.port, "/metrics")[1]


def test_another_path_is_not_found(health):
    assert get(health.port, "/etc/passwd")[0] == 404


def test_a_port_in_use_is_told_in_one_line_with_what_to_do(health):
    with pytest.raises(UsageError, match="WINNOW_HTTP__PORT") as caught:
        HealthServer("other", "127.0.0.1", health.port)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_a_host_that_is_not_ours_is_told(host):
    with pytest.raises(UsageError, match="cannot listen"):
        HealthServer("scorer", host, 0)


def test_the_port_is_free_again_after_closing(registry):
    with HealthServer("scorer", "127.0.0.1", 0, registry) as first:
        port = first.port
    with HealthServer("scorer", "127.0.0.1", port, registry) as second:
        assert get(second.port, "/healthz")[0] == 200


def test_a_server_that_never_started_can_be_closed():
    HealthServer("scorer", "127.0.0.1", 0).close()


def test_noise_on_the_port_does_not_stop_the_answers(health):
    for noise in (b"", b"\x00\xff" * 100, b"GET", b"GET / HTTP/9.9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", health.port)) as connection:
            connection.sendall(noise)
    assert get(health.port, "/healthz")[0] == 200


def test_the_probe_for_containers_tells_by_its_exit_code(health):
    command = [sys.executable, "-m", "winnow.runtime.health", str(health.port)]
    assert subprocess.run(command, check=False).returncode == 1
    health.ready(True)
    assert subprocess.run(command, check=False).returncode == 0
    assert is_ready(health.port)


def test_a_probe_where_nobody_listens_says_not_ready(health):
    health.close()
    assert not is_ready(health.port)
