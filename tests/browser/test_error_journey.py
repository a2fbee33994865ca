"""In Chromium: find the worst slice of DS2, open its worst beat, understand it, note it, export.

On three recordings of DS2, among them the two that cost most: classifying all 22 would take as long
as the rest of the journey.
"""

import csv
import io
import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
import wfdb
from playwright.sync_api import Browser, Locator, Page, expect

from ecgcore.records.database import Database
from tests.browser.serve import click_row, new_page, serve, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

RECORDS = ("100", "213", "222")
NOTE = "=fusion? the T wave is a normal beat's"


def test_the_worst_slice_of_ds2(chrome: Browser, mitdb: Database, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "mitdb").mkdir(parents=True)
    for name in RECORDS:
        for kind in ("hea", "dat", "atr"):
            shutil.copy(mitdb.root / f"{name}.{kind}", data / "mitdb")
    home = {"ECG_HOME": str(tmp_path / "home"), "ECG_DATA_DIR": str(data)}
    with serve(**home, ECG_DATABASE_URL="") as address:
        page = new_page(chrome, 1000)
        page.goto(f"{address}/compare?db=mitdb&rec=100&ckpt=resunet-b2")
        settled(page)

        # Find the worst slice: the groups are ordered by what they cost.
        page.get_by_role("radio", name="All of mitdb (3)").click()
        expect(page).to_have_url(re.compile("set=all"))
        expect(page.get_by_text(re.compile("beats of 3 recordings"))).to_be_visible()
        page.get_by_role("radio", name="Groups of errors").click()
        expect(page.get_by_text(re.compile("groups of errors"))).to_be_visible()
        settled(page)
        picture(page, "groups")

        # Open its worst beat: a click lists the slice, the most confident error is shown.
        click_row(page, page.get_by_test_id("stDataFrame").first, 0)
        expect(page).to_have_url(re.compile(r"where=rec%3A\d+%3B|where=true"))
        expect(page).to_have_url(re.compile(r"beat=\d+"))
        settled(page)
        expect(page.get_by_text(re.compile(r"^1 of [\d,]+$"))).to_be_visible()
        worst = page.url

        # Understand it: a sentence, the beat over what is usual, and the three beats.
        reading = page.get_by_test_id("reading")
        expect(reading).to_be_visible()
        assert re.search(r", as in [NSVF]\.$|rules\.$", reading.inner_text())
        for key in ("difference", "triptych"):
            expect(page.locator(f".st-key-{key} .js-plotly-plot").last).to_be_visible()
        expect(page.locator(".st-key-triptych")).to_contain_text("Nearest right")
        picture(page, "understand")
        page.keyboard.press("n")
        expect(page.get_by_text(re.compile(r"^2 of [\d,]+$"))).to_be_visible()
        settled(page)
        expect(page).not_to_have_url(worst)  # written only now: the page is drawn before
        page.keyboard.press("p")
        expect(page).to_have_url(worst)
        settled(page)

        # Note it.
        page.get_by_role("button", name="Verdict and note").click()
        page.get_by_role("radio", name="Unsure").last.click()
        page.get_by_label("Your name").fill("Journey Tester")
        page.get_by_label("Note", exact=True).fill(NOTE)
        page.get_by_role("button", name="Keep the verdict").click()
        expect(page.get_by_text("Kept.")).to_be_visible()
        expect(page.get_by_text("1 verdict on this set")).to_be_visible()
        picture(page, "noted")

        # Export: a table that no spreadsheet is tricked by, and WFDB annotations.
        record = re.search(r"rec=(\d+)", worst)
        assert record
        (row,) = csv.DictReader(io.StringIO(download(page, "Verdicts as CSV").decode("utf-8-sig")))
        assert (row["record"], row["verdict"], row["reviewer"]) == (
            record[1], "unsure", "Journey Tester",
        )  # fmt: skip
        assert row["note"] == f"'{NOTE}"
        with zipfile.ZipFile(io.BytesIO(download(page, "As WFDB annotations"))) as archive:
            archive.extractall(tmp_path)
        marks = wfdb.rdann(str(tmp_path / record[1]), "reviews")
        assert marks.sample.tolist() == [int(row["sample"])]
        assert "Journey Tester" in marks.aux_note[0]

        # The address holds the slice and the beat: somebody else sees them.
        other = new_page(chrome, 1000)
        other.goto(worst)
        settled(other)
        expect(other.get_by_text(re.compile(r"^1 of [\d,]+$"))).to_be_visible()
        expect(other.get_by_test_id("reading")).to_have_text(reading.inner_text())
        other.close()

        # A lasso on the map lists what it holds.
        page.keyboard.press("Escape")
        page.get_by_role("radio", name="Map of beats").click()
        expect(page).to_have_url(re.compile("by=map"))
        settled(page)
        lasso(page, page.locator("[class*=st-key-beat_map] .js-plotly-plot").last)
        expect(page.get_by_text(re.compile("chosen on the map"))).to_be_visible()
        settled(page)
        picture(page, "lasso")

        # What a method does is one click away.
        page.get_by_role("button", name=re.compile("^What is")).click()
        expect(page.locator(".bl-title h1")).to_have_text("Guide")
        settled(page)
        expect(page.get_by_text("Limits.").first).to_be_visible()
        page.close()


def lasso(page: Page, plot: Locator) -> None:
    """Draw a lasso around most of a map."""
    plot.scroll_into_view_if_needed()
    area = plot.locator(".nsewdrag").first.bounding_box()
    assert area is not None
    at = [(0.1, 0.1), (0.5, 0.05), (0.9, 0.1), (0.95, 0.5), (0.9, 0.9), (0.1, 0.9), (0.1, 0.12)]
    points = [(area["x"] + x * area["width"], area["y"] + y * area["height"]) for x, y in at]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()


def download(page: Page, button: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("button", name=button).click()
    return Path(started.value.path()).read_bytes()


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("ECG_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
