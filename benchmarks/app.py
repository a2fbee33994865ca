"""Opening recordings in a warm app in Chromium; its memory, and what each page sends, on a walk."""

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from benchmarks._bytes import VIEW_BOUND, count_bytes
from ecgcore.records.catalog import databases
from ecgcore.ui.pages import PAGES
from tests.browser.serve import browser, serve_process, settled

MEMORY_BOUND_MB = 1000
REPEATS = 5
RECORDS = (("mitdb", "208"), ("nsrdb", "16265"))
FURTHER = ("signal?span=1800", "spectrogram?span=1800", "compare?by=groups", "compare?by=map")
DRAWN = ".st-key-signal_figure .main-svg .scatterlayer .trace"


def run() -> dict[str, object]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise RuntimeError("Chromium is not installed (Debian: apt-get install chromium)")
    there = databases()
    records = [(base, record) for base, record in RECORDS if base in there] or [("demo", "demo01")]
    figures: dict[str, object] = {}
    with (
        TemporaryDirectory() as home,
        serve_process(ECG_HOME=home) as (address, pid),
        browser(Path(chromium)) as chrome,
    ):
        page = chrome.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        settled(page, timeout=120_000)
        for base, record in records:
            query = f"db={base}&rec={record}"
            first = _seconds_to_plot(page, f"{address}/signal?{query}")
            again = sorted(
                _seconds_to_plot(page, f"{address}/signal?{query}&t={10 * i}")
                for i in range(1, REPEATS + 1)
            )
            figures[f"{base}/{record}: seconds to the first plot, first visit"] = first
            figures[f"{base}/{record}: seconds to the first plot, later visits (median)"] = again[
                REPEATS // 2
            ]
        blank = sorted(_seconds_blank(page, address) for _ in range(REPEATS))[REPEATS // 2]
        figures["seconds to the title of the page alone (lower bound)"] = blank
        base, record = records[0]
        sent, bytes_in = {}, count_bytes(page)
        for name in (*(entry.name for entry in PAGES), *FURTHER):
            page.goto("about:blank")
            bytes_in[0] = 0
            page.goto(f"{address}/{name}{'&' if '?' in name else '?'}db={base}&rec={record}")
            settled(page, timeout=240_000)
            sent[name] = bytes_in[0]
        figures["resident MB after all pages"] = _resident_mb(pid)
        figures["share of the 1 GB bound"] = _resident_mb(pid) / MEMORY_BOUND_MB
        figures["kB to the browser"] = {name: round(n / 1000) for name, n in sent.items()}
        figures["largest share of the 300 kB bound"] = max(sent.values()) / VIEW_BOUND
    return figures


def _seconds_to_plot(page: Page, url: str) -> float:
    page.goto("about:blank")
    begin = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(DRAWN, state="attached", timeout=120_000)
    return time.perf_counter() - begin


def _seconds_blank(page: Page, address: str) -> float:
    page.goto("about:blank")
    begin = time.perf_counter()
    page.goto(f"{address}/signal")
    page.wait_for_selector(".bl-title", timeout=120_000)
    return time.perf_counter() - begin


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the app has ended")
