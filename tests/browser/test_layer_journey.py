"""A missed beat is found, added, scored again and taken out as .atr: in Chromium, on mitdb/208."""

import re
import time
from pathlib import Path

import numpy as np
import pytest
import wfdb
from playwright.sync_api import Browser, Page, expect

from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_record_annotations
from tests.browser.serve import PATIENCE, new_page, serve, settled
from tests.browser.test_journey import choose, click_in, press

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def missed(page: Page) -> int:
    """Return how many beats the comparison's table says are missed, over all classes."""
    rows = page.locator("[data-testid=layer_table] tbody tr")
    cells = [row.locator("td").all_text_contents() for row in rows.all()]
    return sum(int(row[6].replace(",", "").replace("·", "0")) for row in cells[:-1])


def now_missed(page: Page, count: int) -> None:
    """Wait until the table says so: it is drawn after the row that says what is in hand."""
    deadline = time.monotonic() + PATIENCE / 1000
    while missed(page) != count and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert missed(page) == count


def in_hand(page: Page, text: str) -> None:
    expect(page.locator(".st-key-layer_row")).to_contain_text(re.compile(text))
    settled(page)


def test_a_missed_beat_is_found_added_and_exported(
    chrome: Browser, mitdb: Database, tmp_path: Path
) -> None:
    source, _ = read_record_annotations(mitdb, read_header(mitdb, "208"))
    assert source is not None
    with serve(ECG_HOME=str(tmp_path), ECG_DATA_DIR=str(mitdb.root.parent)) as address:
        page = new_page(chrome, 1200)
        page.goto(f"{address}/signal?db=mitdb&rec=208")
        settled(page)
        page.get_by_role("radio", name="Layers", exact=True).click()
        choose(page, "Start from", "peaks of pan_tompkins")
        page.get_by_placeholder("your name").fill("Ann")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Make the layer").click()
        expect(page).to_have_url(re.compile("layer="))
        settled(page)
        before = missed(page)
        assert before > 0
        choose(page, "Jump to", "missing here")
        press(page, "n")
        in_hand(page, "No beat at")
        press(page, "3")
        in_hand(page, r"Beat V at")
        now_missed(page, before - 1)

        # Undone and made again by keys; a click points elsewhere.
        press(page, "Control+z")
        in_hand(page, "No beat at")
        now_missed(page, before)
        press(page, "Control+y")
        in_hand(page, "Beat V at")
        now_missed(page, before - 1)
        start = float(re.findall(r"[?&]t=([\d.]+)", page.url)[0])
        click_in(page, "signal_figure", start + 0.2, 0.0)
        in_hand(page, rf"at {start:.0f}\.\d+|at {start + 0.5:.0f}\.\d+")

        with page.expect_download() as caught:
            page.get_by_role("button", name="WFDB .atr").click()
        caught.value.save_as(tmp_path / "out.atr")
        layer = re.search(r"layer=(\w+)", page.url)
        assert layer
        page.get_by_role("link", name="Beats & RR", exact=True).first.click()
        expect(page.locator(".bl-title h1")).to_have_text("Beats & RR")
        settled(page)
        expect(page).to_have_url(re.compile(layer[0]))
        expect(page.get_by_test_id("strip")).to_contain_text(re.compile(r"V\W*1\b"))
    theirs = wfdb.rdann(str(tmp_path / "out"), "atr")
    added = theirs.sample[[symbol == "V" for symbol in theirs.symbol]]
    assert added.size == 1
    assert np.abs(source.beats()[0] - added[0]).min() <= 54  # 150 ms: a beat of the experts'
