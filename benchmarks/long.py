"""A day of two leads at 128 Hz on the Signal page in Chromium, beside half an hour of the same.

Each figure of the day stands beside the same figure of the half hour, taken in the same run: that
ratio, and the server's processor seconds, are what the length costs; wall seconds also depend on
what else the machine does.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page

from benchmarks._bytes import VIEW_BOUND, count_bytes
from benchmarks._day import write_hours
from ecgcore.plots.overview import LEFT, RIGHT
from tests.browser.serve import browser, serve_process, settled

HOURS = 24
OPENINGS = 3
STEPS = 5
SPANS = ("60 s", "5 min", "10 s")
PLACES = (0.3, 0.7)  # of the overview's width
FIGURE = ".st-key-signal_figure .js-plotly-plot"
DRAWN = ".st-key-signal_figure .main-svg .scatterlayer .trace"
FIRST_VISIT_MS = 600_000
# Counts from the act in the browser itself to the moment when the figure's axis has changed.
ACT = """async ({selector, figure}) => {
  const range = () => {
    const shown = document.querySelector(figure);
    return shown && shown._fullLayout ? String(shown._fullLayout.xaxis.range) : '';
  };
  const before = range(), begin = performance.now();
  document.querySelector(selector).click();
  while (range() === before || range() === '') {
    if (performance.now() - begin > 60000) throw new Error('nothing changed');
    await new Promise(requestAnimationFrame);
  }
  return (performance.now() - begin) / 1000;
}"""
# The same for a click with the mouse, which can't be made from within the page.
WATCH = """({figure}) => {
  const range = () => String(document.querySelector(figure)._fullLayout.xaxis.range);
  const before = range();
  window.addEventListener('mousedown', () => {
    const begin = performance.now();
    const look = () => {
      const shown = document.querySelector(figure);
      if (shown && shown._fullLayout && range() !== before)
        window.blStep = (performance.now() - begin) / 1000;
      else requestAnimationFrame(look);
    };
    look();
  }, {once: true, capture: true});
  window.blStep = null;
}"""


@dataclass
class Walk:
    """What one recording's visits cost."""

    first: float = 0.0
    open: list[float] = field(default_factory=list)  # s, later visits
    pan: list[float] = field(default_factory=list)  # s a step
    zoom: list[float] = field(default_factory=list)
    jump: list[float] = field(default_factory=list)  # s, a click in the overview
    processor: list[float] = field(default_factory=list)  # s of the server a step
    largest: int = 0  # bytes to the browser in one view


def run() -> dict[str, Any]:
    """Return the figures; raises RuntimeError without Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise RuntimeError("Chromium is not installed (Debian: apt-get install chromium)")
    with TemporaryDirectory() as data, TemporaryDirectory() as home:
        source = write_hours(Path(data) / "long", "day", HOURS)
        write_hours(Path(data) / "long", "half", 0.5)
        served = serve_process(ECG_HOME=home, ECG_DATA_DIR=data)
        with served as (address, pid), browser(Path(chromium)) as chrome:
            page = chrome.new_page(viewport={"width": 1280, "height": 1000})
            bytes_in = count_bytes(page)
            half = _walk(page, f"{address}/signal?db=long&rec=half", pid, bytes_in)
            before = _resident_mb(pid)
            day = _walk(page, f"{address}/signal?db=long&rec=day", pid, bytes_in)
            growth = _resident_mb(pid) - before
            load = os.getloadavg()[0]
    figures: dict[str, Any] = {
        "source": source,
        "first visit, seconds (gone through once, with progress)": day.first,
    }
    for name in ("open", "pan", "zoom", "jump", "processor"):
        there, short = median(getattr(day, name)), median(getattr(half, name))
        told = "server's processor" if name == "processor" else name
        figures[f"{told}, seconds (median)"] = there
        figures[f"{told}, times the half hour's"] = there / short
    figures["largest view, kB to the browser"] = day.largest / 1000
    figures["share of the 300 kB bound"] = day.largest / VIEW_BOUND
    figures["app's memory, MB more than with the half hour open"] = growth
    figures["share of the 200 MB bound"] = growth / 200
    figures["load average of the machine"] = load
    return figures


def _walk(page: Page, url: str, pid: int, bytes_in: list[int]) -> Walk:
    walk = Walk()
    walk.first = _opened(page, url)
    for k in range(OPENINGS):
        bytes_in[0] = 0
        walk.open.append(_opened(page, f"{url}&t={60 * k + 100}"))
        walk.largest = max(walk.largest, bytes_in[0])

    def step(act: Callable[[], float], seconds: list[float]) -> None:
        bytes_in[0], used = 0, _processor_s(pid)
        seconds.append(act())
        settled(page)
        walk.processor.append(_processor_s(pid) - used)
        walk.largest = max(walk.largest, bytes_in[0])

    for _ in range(STEPS):
        step(lambda: _act(page, ".st-key-page_chevron_right button"), walk.pan)
    for span in SPANS:
        step(lambda span=span: _choose(page, span), walk.zoom)
    for place in PLACES:
        step(lambda place=place: _click_overview(page, place), walk.jump)
    return walk


def _opened(page: Page, url: str) -> float:
    """Return the seconds from an empty page to the plot, by the browser's own clock."""
    page.goto("about:blank")
    page.goto(url)
    page.wait_for_selector(DRAWN, state="attached", timeout=FIRST_VISIT_MS)
    seconds = float(page.evaluate("performance.now() / 1000"))
    settled(page, timeout=FIRST_VISIT_MS)
    return seconds


def _act(page: Page, selector: str) -> float:
    return float(page.evaluate(ACT, {"selector": selector, "figure": FIGURE}))


def _choose(page: Page, span: str) -> float:
    page.locator(".st-key-span [data-baseweb=select], .st-key-span [role=combobox]").first.click()
    option = page.get_by_role("option", name=span, exact=True)
    option.wait_for()
    option.evaluate("element => element.setAttribute('id', 'bl-option')")
    return _act(page, "#bl-option")


def _click_overview(page: Page, place: float) -> float:
    box = page.locator(".st-key-overview .js-plotly-plot").bounding_box()
    assert box is not None
    page.evaluate(WATCH, {"figure": FIGURE})
    page.mouse.click(
        box["x"] + LEFT + (box["width"] - LEFT - RIGHT) * place, box["y"] + box["height"] * 0.5
    )
    page.wait_for_function("window.blStep !== null")
    return float(page.evaluate("window.blStep"))


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the app has ended")
