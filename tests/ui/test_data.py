"""The Data page without a browser, and the table that it draws."""

from pathlib import Path

import pandas as pd
import pytest

from ecgcore.records.catalog import databases
from ecgcore.records.database import Database
from ecgcore.records.demo import demo_database
from ecgcore.records.downloads import Downloads
from ecgcore.records.physionet import SOURCES
from ecgcore.records.summary import RecordSummary
from ecgcore.safe_csv import safe_cells
from ecgcore.schema import RecordHeader
from ecgcore.ui import cache, download_panel
from ecgcore.ui.download_panel import obstacle
from ecgcore.ui.record_table import as_frame, totals
from tests.records.file_server import serving


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(download_panel, "DOWNLOADS", Downloads())
    cache.catalog.clear()


def test_demo_records_and_what_can_be_fetched(open_page, tmp_path: Path) -> None:
    app = open_page("data")
    table: pd.DataFrame = app.dataframe[0].value
    assert list(table["record"]) == list(demo_database().records)
    assert (table["notices"] == "synthetic").all()
    assert (table[list("NSVFQ")].sum() > 0).all()
    assert (table[list("NSVFQ")].sum(axis=1) == table["beats"]).all()
    for name in SOURCES:
        button = app.button(key=f"download_{name}")
        assert button.label == "Download"
        assert not button.disabled
    assert any(str(tmp_path / "data") in caption.value for caption in app.caption)


def test_failed_download_is_said_in_a_sentence(open_page, monkeypatch) -> None:
    with serving({}) as server:
        monkeypatch.setenv("ECG_PHYSIONET_URL", server.base)
        app = open_page("data")
        app.button(key="download_nstdb").click().run()
        download_panel.DOWNLOADS.wait("nstdb", 30)
        app.run()
    assert not app.exception
    told = [caption.value for caption in app.caption if "404" in caption.value]
    assert len(told) == 1
    assert "SHA256SUMS" in told[0]


def test_running_download_can_be_cancelled(open_page, monkeypatch) -> None:
    manifest = "/nstdb/1.0.0/SHA256SUMS.txt"
    with serving({manifest: b"later"}) as server:
        monkeypatch.setenv("ECG_PHYSIONET_URL", server.base)
        server.tricks[manifest] = ["stall"]
        app = open_page("data")
        app.button(key="download_nstdb").click().run()
        assert app.button(key="cancel_nstdb").label == "Cancel"
        assert server.asked.wait(30)  # from here on only the server's answer ends it
        app.button(key="cancel_nstdb").click().run()
        assert app.button(key="cancel_nstdb").disabled
        server.release.set()
        state = download_panel.DOWNLOADS.wait("nstdb", 30)
        app.run()
    assert state is not None
    assert state.phase == "cancelled"
    assert app.button(key="download_nstdb").label == "Download"
    assert any("cancelled" in caption.value for caption in app.caption)


def test_folder_that_can_not_be_written_is_said(
    open_page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "file" / "data"))
    app = open_page("data")
    assert any("can't be written to" in box.value for box in app.info)
    assert all(app.button(key=f"download_{name}").disabled for name in SOURCES)


def test_a_database_as_the_data_folder_takes_no_other() -> None:
    root = demo_database().root
    there = databases(root)
    assert [database.root for database in there.values()] == [root]
    assert "one database" in obstacle(root, there)
    assert obstacle(root.parent, {}) == ""


def test_another_database_shows_its_own_records(open_page, mitdb: Database, monkeypatch) -> None:
    monkeypatch.setenv("ECG_DATA_DIR", str(mitdb.root.parent))
    cache.catalog.clear()
    app = open_page("data", db="mitdb")
    table: pd.DataFrame = app.dataframe[0].value
    assert int(table["beats"].sum()) == 109_494
    assert "notices" not in table.columns  # nothing to tell of mitdb
    assert app.button(key="download_mitdb").label == "Verify"


def _row(name: str, comments: tuple[str, ...], length: int = 3600) -> RecordSummary:
    header = RecordHeader(
        database="x", name=name, fs=360.0, length=length, leads=("II",), units=("mV",),
        comments=comments, annotators=(), digest="",
    )  # fmt: skip
    return RecordSummary(name=name, header=header)


def test_foreign_text_is_no_formula() -> None:
    table = safe_cells(as_frame((_row("=cmd()", ("=1+1", "-1 M")),)))
    texts = [cell for cell in table.iloc[0] if isinstance(cell, str)]
    assert texts
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)


@pytest.mark.parametrize(
    ("seconds", "column", "value"),
    [(20, "duration (s)", 20.0), (1806, "duration (min)", 30.1), (86400, "duration (h)", 24.0)],
)
def test_durations_come_in_the_unit_that_suits(seconds: int, column: str, value: float) -> None:
    assert as_frame((_row("a", (), 360 * seconds),))[column][0] == value


def test_unreadable_and_unlabelled_records_have_a_row() -> None:
    rows = (_row("a", ()), RecordSummary(name="b", fault="b is broken"))
    table = as_frame(rows)
    assert list(table["notices"]) == ["", "can't be read"]
    assert table["beats"].isna().all()
    assert "no beat annotations" in totals(rows)
