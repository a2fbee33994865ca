"""The Data page in Chromium: fetch a database from a local server, then open one of its records."""

import dataclasses
import hashlib
import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ecgcore.records import demo
from ecgcore.records.synthesis.people import PEOPLE
from tests.browser.serve import new_page, serve, settled
from tests.records.file_server import serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def published(folder: Path) -> dict[str, bytes]:
    """Return the files of a small database by the path at which PhysioNet has svdb."""
    for i, name in enumerate(("800", "801", "802")):
        demo.write_record(folder, name, dataclasses.replace(PEOPLE[i + 2], minutes=1), i)
    files = {p.name: p.read_bytes() for p in folder.iterdir()} | {"RECORDS": b"800\n801\n802\n"}
    lines = [f"{hashlib.sha256(data).hexdigest()} {name}\n" for name, data in files.items()]
    files["SHA256SUMS.txt"] = "".join(lines).encode()
    return {f"/svdb/1.0.0/{name}": data for name, data in files.items()}


def test_fetch_and_open_a_recording(chrome: Browser, tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    data = tmp_path / "data"
    with (
        serving(published(tmp_path / "published")) as server,
        serve(
            ECG_DATA_DIR=str(data), ECG_PHYSIONET_URL=server.base, ECG_HOME=str(tmp_path / "home")
        ) as address,
    ):
        # It is asked again while somebody looks at the page.
        server.tricks["/svdb/1.0.0/801.dat"] = ["stall"] * 9
        page = new_page(chrome)
        page.goto(f"{address}/data")
        settled(page)
        expect(page.get_by_text("Synthetic demo data").first).to_be_visible()
        page.locator(".st-key-download_svdb button:visible").click()
        # The page shows how far it is while the download waits for the server.
        expect(page.get_by_text("of 10 files").first).to_be_visible()
        expect(page.locator(".st-key-cancel_svdb button:visible")).to_be_enabled()
        _picture(page, "data-downloading")
        server.tricks.clear()
        server.release.set()
        # It shows the end, and the new database, without anybody touching it.
        expect(page.get_by_text("svdb is complete").first).to_be_visible()
        expect(page.get_by_role("radio", name="svdb").first).to_be_visible()
        assert sorted(p.name for p in (data / "svdb").glob("*.hea")) == [
            "800.hea", "801.hea", "802.hea",
        ]  # fmt: skip
        # A click on the second row opens the second record.
        page.goto(f"{address}/data?db=svdb")
        settled(page)
        _picture(page, "data-fetched")
        box = page.locator("[data-testid=stDataFrame]").first.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 120, box["y"] + 35 * 2 + 17)
        page.wait_for_url("**/signal?*rec=801*")
        settled(page)
        expect(page.get_by_test_id("strip")).to_contain_text("svdb / 801")


def _picture(page, name: str) -> None:
    folder = os.environ.get("ECG_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")
