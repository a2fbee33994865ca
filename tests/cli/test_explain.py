import inspect
import json
from pathlib import Path

import numpy as np
import pytest

from ecgcore.cli import app
from ecgcore.cli.explain import explain
from ecgcore.explain.registry import EXPLAINERS
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_record
from ecgcore.training.store import find_beats
from tests.make_record import save_tiny_checkpoints


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of an untrained checkpoint in a folder of its own, over the demo database."""
    save_tiny_checkpoints(tmp_path / "checkpoints")
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "nothing"))
    return "tiny"


def _run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["ecgcore", "explain", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    return int(ended.value.code or 0)


def test_json_has_one_value_for_each_sample_of_the_window(tiny, monkeypatch, capsys):
    base = demo_database()
    name = f"{base.name}/{base.records[0]}"
    code = _run(
        monkeypatch, name, "--beat", "7", "--checkpoint", tiny, "--method", "gradcam",
        "--target", "V", "--json",
    )  # fmt: skip
    out = json.loads(capsys.readouterr().out)
    assert code == 0
    assert list(out) == ["method", "target", "prediction", "start_sample", "fs", "values"]
    assert (out["method"], out["target"]) == ("gradcam", "V")
    assert sum(out["prediction"].values()) == pytest.approx(1)
    record = read_record(base, base.records[0])
    peak = int(find_beats(record).sample[7])
    first, last = peak - 0.3 * record.fs, peak + 0.4 * record.fs
    assert out["fs"] == record.fs
    assert first <= out["start_sample"] < first + 1
    assert last - 1 - 0.7 * record.fs / 64 < out["start_sample"] + len(out["values"]) - 1 < last
    assert np.all((np.array(out["values"]) >= 0) & (np.array(out["values"]) <= 1))


@pytest.mark.parametrize("method", ["integrated-gradients", "lrp-epsilon"])
def test_a_method_that_shares_out_the_score_prints_the_parts(tiny, monkeypatch, capsys, method):
    base = demo_database()
    arguments = (f"{base.name}/{base.records[0]}", "--beat", "7", "--checkpoint", tiny)
    assert _run(monkeypatch, *arguments, "--method", method, "--json") == 0
    out = json.loads(capsys.readouterr().out)
    assert out["signed"] is True
    assert out["start"] + sum(out["parts"].values()) == pytest.approx(out["score"], abs=1e-4)
    assert max(map(abs, out["values"])) <= 1 + 1e-6
    assert ("reference" in out) == (method == "integrated-gradients")
    assert _run(monkeypatch, *arguments, "--method", method) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in out["parts"])


def test_the_help_names_every_method():
    (option,) = inspect.signature(explain).parameters["method"].annotation.__metadata__
    assert all(name in option.help for name in EXPLAINERS)


def test_a_method_that_cannot_explain_the_network_says_why(tiny, monkeypatch, capsys):
    base = demo_database()
    arguments = (f"{base.name}/{base.records[0]}", "--beat", "7", "--checkpoint", tiny)
    assert _run(monkeypatch, *arguments, "--method", "cam", "--json") == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert "averaged over time" in printed.err


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"--beat": "99999"}, "99999"),
        ({"--target": "Z"}, "'Z'"),
        ({"--method": "guess"}, "gradcam"),
        ({"--checkpoint": "none"}, "tiny"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tiny, monkeypatch, capsys, change, named):
    base = demo_database()
    options = {"--beat": "7", "--checkpoint": tiny, **change}
    flat = [part for pair in options.items() for part in pair]
    code = _run(monkeypatch, f"{base.name}/{base.records[0]}", *flat, "--json")
    printed = capsys.readouterr()
    assert code == 2
    assert not printed.out
    assert named in printed.err
    assert "Traceback" not in printed.err
