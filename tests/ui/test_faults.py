"""What a person sees when a recording can't be used as it is (faults 1, 22 and 45)."""

import re
import shutil

import pytest

from ecgcore.records.demo import demo_database


@pytest.fixture
def mine(monkeypatch, tmp_path):
    """A database of one recording of our own, to be damaged."""
    folder = tmp_path / "data" / "mine"
    folder.mkdir(parents=True)
    for file in demo_database().root.glob("demo01.*"):
        shutil.copy(file, folder)
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "data"))
    return folder


def test_a_recording_cut_short_is_said_and_its_part_is_offered(open_page, mine):
    data = mine / "demo01.dat"
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    app = open_page("signal", db="mine", rec="demo01")
    assert any("cut short" in box.value for box in app.warning)
    app.button(key="read_partial").click().run()
    assert not app.exception
    assert {metric.label for metric in app.metric} >= {"annotated", "missed"}
    assert app.query_params["partial"] == "True"


def test_markup_in_a_header_is_never_markup_on_the_page(open_page, mine):
    header = mine / "demo01.hea"
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    header.write_text(header.read_text() + f"# {attack}\n")
    for name in ("home", "signal", "data"):
        app = open_page(name, db="mine", rec="demo01")
        shown = "".join(str(e.proto) for e in app.main if e.type == "html")
        assert "<script>alert" not in shown
        assert "<img" not in shown


def test_a_defect_of_ours_gets_a_number_and_no_trace(monkeypatch, open_page, mine):
    from ecgcore.ui import cache

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret path")

    monkeypatch.setattr(cache, "survey", broken)
    app = open_page("signal", whole=False, db="mine", rec="demo01")
    said = " ".join(box.value for box in app.error)
    assert re.search(r"number in the log is `[0-9a-f]{8}`", said)
    assert "secret" not in said
