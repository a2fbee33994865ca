"""Train in Chromium: two browsers see one job, which outlives the server that started it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ecgcore.jobs import store
from ecgcore.jobs.engine import JobDatabase
from tests.browser.jobs import shown
from tests.browser.serve import PATIENCE, new_page, serve, settled
from tests.jobs.work import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def start(page: Page, address: str) -> str:
    """Start a training with the settings that are filled in, but more epochs; return its id."""
    page.goto(f"{address}/train?db=demo")
    settled(page)
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("900")
    epochs.press("Enter")
    settled(page)
    expect(epochs).to_have_value("900")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("job="))
    shown(page)
    found = re.search(r"job=(\w+)", page.url)
    assert found
    return found.group(1)


def test_two_browsers_and_two_servers_see_one_job(
    chrome: Browser, jobs: JobDatabase, tmp_path: Path
) -> None:
    home = {"ECG_HOME": str(tmp_path), "ECG_DATA_DIR": str(tmp_path / "none"), "ECG_JOB_LEASE": "8"}
    with serve(**home) as address:
        one, other = new_page(chrome), new_page(chrome)
        job = start(one, address)
        other.goto(one.url)
        shown(other)
        for page in (one, other):
            expect(page.get_by_text(job).first).to_be_visible()
            expect(page.get_by_text(re.compile(r"\d+ of [\d,]+ epochs")).first).to_be_visible()
        # Somebody else who wants the same joins.
        assert start(other, address) == job
        expect(other.get_by_text("asked for 2 times").first).to_be_visible()
        assert [found.asked for found in store.list_jobs(jobs)] == [2]
        view = one.url.partition("?")[2]
    # The server is gone; the training goes on, and another server's page finds it.
    before = store.get(jobs, job)
    assert before.state == "running"
    until(jobs, job, lambda now: now.done > before.done, seconds=PATIENCE / 1000)
    with serve(**home) as address:
        page, watching = new_page(chrome), new_page(chrome)
        for each in (page, watching):
            each.goto(f"{address}/train?{view}")
            shown(each)
        expect(page.locator(".st-key-learning .js-plotly-plot").first).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        # The other page shows it by itself.
        for each in (page, watching):
            expect(each.get_by_text("cancelled").first).to_be_visible()
            expect(each.get_by_role("button", name="Resume")).to_be_visible()
        watching.reload()
        shown(watching)
        expect(watching.get_by_text(job).first).to_be_visible()
    ended = store.get(jobs, job)
    assert ended.state == "cancelled"
    assert ended.fence == 1  # one worker did it all
    assert len(store.epochs(jobs, job)) >= 1
