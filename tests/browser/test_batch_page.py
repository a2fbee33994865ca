"""Batch in Chromium: two browsers see one job; cancelled, resumed, mended, on to a recording."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ecgcore.batch.summary import read_summary
from ecgcore.jobs import store
from ecgcore.jobs.engine import JobDatabase
from ecgcore.records.database import Database
from tests.browser.jobs import shown
from tests.browser.serve import click_row, new_page, serve, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

RECORDS = ("100", "208", "213", "233")
BAD = "213"
AT_WORK = re.compile(r"Waiting for a worker|Beginning|of 4 recordings, the last was")


@pytest.fixture
def ward(mitdb: Database, tmp_path: Path) -> Path:
    """Return a folder with some real recordings; one has lost its signal."""
    folder = tmp_path / "data" / "ward"
    folder.mkdir(parents=True)
    for name in RECORDS:
        for ending in ("hea", "dat"):
            shutil.copy(mitdb.root / f"{name}.{ending}", folder)
    (folder / f"{BAD}.dat").write_bytes(b"")
    return folder


def test_a_batch_that_two_see_from_the_form_to_a_recording(
    chrome: Browser, jobs: JobDatabase, mitdb: Database, ward: Path, tmp_path: Path
) -> None:
    data = {"ECG_DATA_DIR": str(ward.parent), "ECG_EXECUTOR_PROCESSES": "1"}
    with serve(ECG_HOME=str(tmp_path), **data) as address:
        one, other = new_page(chrome), new_page(chrome)
        start(one, address)
        one.get_by_role("button", name="Cancel", exact=True).click()
        other.goto(one.url)
        for page in (one, other):
            shown(page)
            expect(page.get_by_text(re.compile("^Cancelled"))).to_be_visible()
            settled(page)
        other.get_by_role("button", name="Resume").click()
        expect(other.get_by_text(AT_WORK)).to_be_visible()
        for page in (one, other):  # nobody has touched the first one meanwhile
            done(page, "Analysed 3 of 4 recordings; 1 could not be")
            why = page.get_by_text(f"{BAD}: ward/{BAD}: its signal file is empty")
            expect(why.filter(visible=True)).to_be_visible()  # not only in the log
        # Mended and asked for again, it alone is done.
        shutil.copy(mitdb.root / f"{BAD}.dat", ward)
        start(one, address)
        done(one, "Analysed 4 of 4 recordings, 3 of them before")
        assert [job.state for job in store.list_jobs(jobs)] == ["done", "done"]
        (folder,) = (tmp_path / "batches").iterdir()
        summary = read_summary(folder)
        assert summary is not None
        assert summary["record"].tolist() == [*RECORDS]
        assert summary["state"].tolist() == ["done"] * 4
        assert (summary["beats_V"] > 100).tolist() == [False, True, True, True]
        click_row(one, one.locator(".st-key-batch_rows"), RECORDS.index("233"))
        settled(one)
        one.get_by_role("button", name="Explain its beats").click()
        one.wait_for_url(re.compile(r"explain\?.*rec=233"))
        assert "ckpt=resunet-b2" in one.url
        one.go_back()
        done(one, "Analysed 4 of 4 recordings, 3 of them before")


def start(page: Page, address: str) -> None:
    """Start a batch of all recordings with the settings that are filled in."""
    page.goto(f"{address}/batch?db=ward&ckpt=resunet-b2")
    expect(page.get_by_text("4 recordings, on this machine")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile("batch="))


def done(page: Page, said: str) -> None:
    """Wait until a batch has ended so, and its figures are there."""
    expect(page.get_by_text(said)).to_be_visible()
    settled(page)
    expect(page.locator(".st-key-batch_classes .js-plotly-plot").first).to_be_visible()
