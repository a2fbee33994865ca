"""``faithfulness`` and ``league`` as a person calls them, on tiny networks."""

import json
from pathlib import Path

import pytest

from ecgcore.cli import app
from ecgcore.faithfulness import league
from ecgcore.records.demo import demo_database
from tests.make_record import save_tiny_checkpoints

KEYS = {
    "deletion_auc",
    "insertion_auc",
    "random_deletion_auc",
    "random_insertion_auc",
    "randomisation_correlation",
    "stability",
    "beats",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    save_tiny_checkpoints(tmp_path / "checkpoints")
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ECG_RESULTS_DIR", str(tmp_path / "results"))
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "nothing"))
    return tmp_path


def _run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["ecgcore", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    return int(ended.value.code or 0)


def _asked(**changes: str) -> list[str]:
    base = demo_database()
    options = {
        "checkpoint": "tiny",
        "method": "occlusion",
        "database": base.name,
        "records": ",".join(base.records[:2]),
        "beats": "30",
        **changes,
    }
    return ["faithfulness", *(word for k, v in options.items() for word in (f"--{k}", v))]


@pytest.mark.parametrize(
    "change",
    [{}, {"method": "attention:2"}, {"checkpoint": "who", "method": "lrp-epsilon"}],
)
def test_one_document_with_all_figures(monkeypatch, capsys, change):
    assert _run(monkeypatch, *_asked(**change), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= KEYS
    assert found["beats"] == 30
    for key in KEYS - {"beats", "randomisation_correlation", "stability"}:
        assert 0 <= found[key] <= 1
    assert found["random_deletion_auc"] == pytest.approx(found["random_insertion_auc"])
    assert found["gain"] == pytest.approx(found["insertion_auc"] - found["deletion_auc"])
    for key in ("randomisation_correlation", "stability"):
        assert found[key] is None or -1 <= found[key] <= 1
    assert found["passes"] == (not found["failings"])
    assert _run(monkeypatch, *_asked(**change), "--json") == 0
    assert json.loads(capsys.readouterr().out) == found  # the same beats, the same figures


def test_a_table_for_people(monkeypatch, capsys):
    base = demo_database()
    assert _run(monkeypatch, *_asked(records=base.records[0])) == 0
    told = capsys.readouterr()
    assert "Occlusion" in told.out
    assert "random" in told.out
    assert base.records[0] in told.err  # how far it is


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"checkpoint": "none"}, "tiny"),
        ({"method": "magic"}, "occlusion"),
        ({"method": "attention:7"}, "no head 7"),
        ({"checkpoint": "who", "method": "attention"}, "attention"),
        ({"database": "nowhere"}, "nowhere"),
        ({"records": "nobody"}, "nobody"),
        ({"beats": "0"}, "beats"),
    ],
)
def test_what_is_wrong_is_said(monkeypatch, capsys, change, named):
    assert _run(monkeypatch, *_asked(**change), "--json") == 2
    captured = capsys.readouterr()
    assert named in captured.err
    assert not captured.out


def test_the_league_is_printed_and_kept(monkeypatch, capsys, home):
    monkeypatch.setattr(league, "test_set", lambda _, there: (there["demo"], "demo01,demo02"))
    arguments = ["league", "--checkpoint", "tiny", "--beats", "12", "--checked", "4"]
    assert _run(monkeypatch, *arguments, "--json") == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)["tiny"]
    assert "tiny: occlusion" in captured.err
    kept = json.loads((home / "results" / "faithfulness.json").read_text())
    assert kept["checkpoints"]["tiny"] == found
    assert set(found["recommended"]) == {"method", "reason", "largest", "as_good"}
    assert _run(monkeypatch, *arguments) == 0
    captured = capsys.readouterr()
    assert "measured before" in captured.err
    assert "Occlusion" not in captured.err
    assert captured.out.count("tiny") == len(found["methods"])
    assert _run(monkeypatch, "league", "--checkpoint", "none") == 2
