"""Clicks on the strip over the whole recording: each one counts, wherever and however often."""

import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ecgcore.plots.overview import BOTTOM, LEFT, RIGHT, TOP
from tests.browser.serve import new_page, serve, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def _left_edge(page: Page) -> float:
    found = re.search(r"[?&]t=([\d.]+)", page.url)
    return float(found.group(1)) if found else 0.0


def test_every_click_goes_to_its_place(chrome: Browser, tmp_path: Path) -> None:
    home = {"ECG_HOME": str(tmp_path), "ECG_DATA_DIR": str(tmp_path / "none")}
    with serve(**home) as address:
        page = new_page(chrome, 1000)
        page.goto(f"{address}/signal?db=demo&rec=demo03&span=5")
        settled(page)
        strip = page.locator(".st-key-overview .js-plotly-plot")
        strip.scroll_into_view_if_needed()
        duration = page.evaluate(
            "document.querySelector('.st-key-overview .js-plotly-plot')._fullLayout.xaxis.range[1]"
        )
        box = strip.bounding_box()
        assert box is not None
        wide, high = box["width"] - LEFT - RIGHT, box["height"] - TOP - BOTTOM
        draw = random.Random(0)
        shares = [draw.uniform(0.05, 0.95) for _ in range(8)]
        for share in (*shares, 0.5, 0.5):  # the same place again, after going elsewhere
            page.mouse.click(
                box["x"] + LEFT + wide * share, box["y"] + TOP + high * draw.uniform(0.02, 0.98)
            )
            page.wait_for_function(
                """([time, near]) => Math.abs(
                    +(new URL(location).searchParams.get('t') || 0) + 2.5 - time) < near""",
                arg=[duration * share, duration * 0.01 + 0.5],
            )
            settled(page)
            mark = page.locator(".bl-window").bounding_box()
            assert mark is not None
            stands = (mark["x"] - box["x"] - LEFT) / wide * duration
            assert stands == pytest.approx(_left_edge(page), abs=duration * 0.005)
            before = _left_edge(page)
            if share == 0.5:
                page.locator(".st-key-page_chevron_right button").click()
                page.wait_for_function(
                    "([time]) => +(new URL(location).searchParams.get('t') || 0) !== time",
                    arg=[before],
                )
                settled(page)
