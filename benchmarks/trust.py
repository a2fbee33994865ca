"""A beat's map with all of its trust panel: processor seconds, and seconds in a warm Chromium.

The work alone is measured of every method, in processor seconds. In Chromium the panel is open and
Next is clicked in the running app: seconds until the next beat's map and panel stand there, and
what the server's process spent of the processor meanwhile, which other work on the machine moves
little. The bound of two seconds is for a machine that does nothing else.
"""

import os
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from playwright.sync_api import Page

from ecgcore.explain.beat import explain_input
from ecgcore.faithfulness.measure import offered
from ecgcore.faithfulness.report import trust_report
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.catalog import database
from ecgcore.records.reader import read_record
from ecgcore.training.store import find_beats
from tests.browser.serve import browser, serve_process, settled

CASES = {
    "best-inter-patient": ("mitdb", "213"),
    "resunet-b2": ("mitdb", "213"),
    "identity-nsrdb": ("nsrdb", "16483"),
}
BOUND_S = 2.0
BEAT = 40
TIMES = 3
CHECKPOINT = "best-inter-patient"


def run() -> dict[str, Any]:
    figures: dict[str, Any] = {name: _work(name) for name in CASES}
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise RuntimeError("Chromium is not installed (Debian: apt-get install chromium)")
    return {**figures, **_in_chromium(Path(chromium))}


def _work(name: str) -> dict[str, float]:
    checkpoint = load_checkpoint(name)
    base, record = CASES[name]
    whole = read_record(database(base), record)
    inputs = beat_inputs(whole, find_beats(whole), checkpoint.meta.input)
    found = {}
    for method in offered(checkpoint.network):
        start = time.process_time()
        explain_input(checkpoint, inputs, whole.header, BEAT, method)
        trust_report(checkpoint, inputs, BEAT, method)
        found[method] = time.process_time() - start
    return {
        "processor_seconds_median": float(np.median(list(found.values()))),
        "processor_seconds_slowest": max(found.values()),
        "share_of_the_bound_slowest": max(found.values()) / BOUND_S,
    }


def _in_chromium(chromium: Path) -> dict[str, float]:
    base, record = CASES[CHECKPOINT]
    with (
        TemporaryDirectory() as home,
        serve_process(ECG_HOME=home) as (address, server),
        browser(chromium) as chrome,
    ):
        page = chrome.new_page(viewport={"width": 1280, "height": 900})
        link = f"{address}/explain?db={base}&rec={record}&ckpt={CHECKPOINT}&trust=True&beat="
        page.goto(f"{link}30")
        settled(page, timeout=240_000)
        page.wait_for_selector(".st-key-trust_checks .main-svg", timeout=240_000)
        before = _processor_seconds(server)
        warm = sorted(_seconds(page) for _ in range(TIMES))
        spent = (_processor_seconds(server) - before) / TIMES
        return {
            f"{CHECKPOINT} in Chromium: seconds to the next beat's map and panel (median)": warm[1],
            "of these, processor seconds of the server (mean)": spent,
            "waiting processes for each core": os.getloadavg()[0] / (os.cpu_count() or 1),
        }


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _seconds(page: Page) -> float:
    """Return seconds from a click on Next until the panel of the next beat is there, settled."""
    beat = int(page.url.split("beat=")[1].split("&")[0])
    start = time.perf_counter()
    page.get_by_role("button", name="Next").click()
    page.get_by_text(f"Beat {beat + 1}", exact=True).wait_for(timeout=120_000)
    settled(page, timeout=120_000, pause=0)  # its pause would count as the app's
    page.wait_for_selector(".st-key-trust_checks .main-svg", timeout=120_000)
    return time.perf_counter() - start


if __name__ == "__main__":
    print(run())
