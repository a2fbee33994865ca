"""Serve the app on a free port, and open pages of it in Chromium."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.processes import end, free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240_000  # ms; on a machine that does other things beside it
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@contextmanager
def serve(**environment: str) -> Iterator[str]:
    """Run the app with further environment variables; give its address."""
    with serve_process(**environment) as (address, _):
        yield address


@contextmanager
def serve_process(**environment: str) -> Iterator[tuple[str, int]]:
    """Run the app with further environment variables; give its address and process id."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as errors:  # a pipe that nobody reads would stop the app
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            _wait(address, process, errors)
            yield address, process.pid
        finally:
            end(process)


def _wait(address: str, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        if process.poll() is not None:
            errors.seek(0)
            raise RuntimeError(f"the app ended: {errors.read().decode()}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=10):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the app did not answer")


@contextmanager
def browser(executable: Path) -> Iterator[Browser]:
    """Start Chromium."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield chrome
        finally:
            chrome.close()


def new_page(chrome: Browser, height: int = 900) -> Page:
    """Open a page as somebody else's browser, that waits as long as everything here."""
    page = chrome.new_page(viewport={"width": 1280, "height": height})
    page.set_default_timeout(PATIENCE)
    return page


def settled(page: Page, timeout: float = PATIENCE, *, pause: float = 300) -> None:
    """Wait until the script has run, no work is in progress and what it drew is there.

    Fails on an error message. ``pause``, ms: what is drawn late has that long to come.
    """
    page.wait_for_selector(".bl-title", timeout=timeout)
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid=stApp]');
            return app && app.dataset.testScriptState === 'notRunning'
                && !document.querySelector('[data-stale=true]')
                && !document.querySelector('[data-testid=stSkeleton]')
                && ![...document.querySelectorAll('[data-testid=stProgress]')]
                    .some(bar => bar.checkVisibility());
        }""",
        timeout=timeout,
        polling=250,  # ms; at every frame, the default, the asking slows the drawing down
    )
    page.wait_for_timeout(pause)
    expect(page.get_by_text("Something went wrong here")).to_have_count(0)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def click_row(page: Page, table: Locator, row: int) -> None:
    """Click the box at a row's left edge; the table is a canvas, so by its place."""
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 35 * (row + 1) + 17)
