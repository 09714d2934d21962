"""The demo, as a newcomer runs it: it ends, keeps its promises and leaves nothing running."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.support.waiting import eventually

from winnow.runtime.settings import HTTP_PORTS

RECORDS = 1500


def _descendants_named(marker: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        command, environment = process.info["cmdline"] or [], process.info["environ"] or {}
        if environment.get("MARK_OF_THIS_TEST") == marker and command:
            found.append(process)
    return found


@pytest.mark.timeout(300)
def test_the_demo_ends_well_and_leaves_no_process(tmp_path: Path) -> None:
    marker = str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "winnow", "demo", "--records", str(RECORDS)],
        cwd=tmp_path,
        env={**os.environ, "MARK_OF_THIS_TEST": marker},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    report = json.loads((tmp_path / "build" / "demo.json").read_text())
    assert report["records"] == RECORDS
    assert report["auto"] + report["reviewed"] + report["unlabelled"] + report["dead_letters"] == RECORDS
    assert report["auto"] + report["recalled"] > 100
    assert report["reviewed"] > 100
    assert report["verified"] is True
    assert report["released"] <= report["auto"]
    assert report["released_errors"] <= report["wrong_at_most"]
    assert report["recalled"] == sum(alarm["recalled"] for alarm in report["alarms"])
    assert report["audits"] > 10
    assert (report["target"], report["confidence"]) == (0.05, 0.95)
    assert report["answer_to_model_p50_s"] > 0
    assert "review page: http://127.0.0.1:" in done.stdout + done.stderr
    eventually(lambda: not _descendants_named(marker), within_s=10, what="the end of all processes")


@pytest.mark.timeout(120)
def test_a_demo_killed_with_minus_9_leaves_no_process(tmp_path: Path) -> None:
    marker = str(tmp_path)
    demo = subprocess.Popen(
        [sys.executable, "-m", "winnow", "demo", "--records", str(RECORDS)],
        cwd=tmp_path,
        env={**os.environ, "MARK_OF_THIS_TEST": marker},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    eventually(lambda: len(_descendants_named(marker)) > len(HTTP_PORTS) + 2, within_s=60, what="all processes")

    demo.kill()
    demo.wait()

    eventually(lambda: not _descendants_named(marker), within_s=20, what="the end of all processes")
