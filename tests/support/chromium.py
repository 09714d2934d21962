"""A real browser: Chromium of the system, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def running_chromium() -> Iterator[Browser]:
    """Chromium until the generator is closed; skips where there is none, and fails there in CI."""
    if _executable() is None:
        reason = "needs a browser: no chromium on the PATH"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with chromium() as browser:
        yield browser


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium of the system, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_executable(), args=ARGUMENTS)
        yield browser
        browser.close()


def _executable() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")
