import json
from pathlib import Path

import pytest

from ecgcore.cli import app
from ecgcore.records.demo import demo_database
from tests.make_record import save_tiny_checkpoints


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    save_tiny_checkpoints(tmp_path / "checkpoints")
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "nothing"))
    return tmp_path


def _run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["ecgcore", "clusters", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    return int(ended.value.code or 0)


def test_one_document_with_fit_fidelity_and_no_names_without_marks(home, monkeypatch, capsys):
    base = demo_database()
    out = home / "results" / "clusters.json"
    arguments = [
        *("--checkpoint", "tiny", "--database", base.name, "--records", base.records[1]),
        *("--k", "4", "--fit-database", base.name, "--fit-records", base.records[0]),
    ]
    assert _run(monkeypatch, *arguments, "--out", str(out), "--ship", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["k"] == len(found["labels"]) == len(found["weights"]) == 4
    assert found["fit"]["records"] == [base.records[0]]
    assert found["judged"] == {"database": base.name, "records": [base.records[1]]}
    assert found["names"] == []
    views = found["fidelity"]["views"]
    assert set(views) >= {"proportions", "proportions_in_time", "proportions_and_rr"}
    assert all(0 <= one["agreement"] <= 1 for one in views.values())
    assert json.loads(out.read_text()) == {"tiny": found}
    assert (home / "checkpoints" / "tiny" / "clusters.npz").stat().st_size < 100_000

    assert _run(monkeypatch, *arguments) == 0  # from disk, for people
    told = capsys.readouterr().out
    assert told.startswith("tiny: 4 clusters: ")
    assert "proportions in time" in told


def test_several_checkpoints_make_one_document_of_all(home, monkeypatch, capsys):
    base = demo_database()
    out = home / "clusters.json"
    arguments = [
        *("--checkpoint", "tiny,who", "--database", base.name, "--records", base.records[1]),
        *("--k", "4", "--fit-database", base.name, "--fit-records", base.records[0]),
    ]
    assert _run(monkeypatch, *arguments, "--out", str(out), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["tiny", "who"]
    assert json.loads(out.read_text()) == found


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"--checkpoint": "none"}, "tiny"),
        ({"--records": "nobody"}, "nobody"),
        ({"--k": "99"}, "choose 2 to 32"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(home, monkeypatch, capsys, change, named):
    base = demo_database()
    options = {
        "--checkpoint": "tiny", "--database": base.name, "--records": base.records[0], "--k": "4",
    }  # fmt: skip
    given = [word for pair in {**options, **change}.items() for word in pair]
    assert _run(monkeypatch, *given) == 2
    captured = capsys.readouterr()
    assert named in captured.err
    assert not captured.out
