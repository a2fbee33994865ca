"""``held-out``: which seeds of which file, beside which checkpoint, and how to do it again."""

import json
from pathlib import Path

import numpy as np
import pytest

from ecgcore.cli import app
from ecgcore.training import held_out
from ecgcore.training.held_out import HeldOut
from tests.make_record import save_tiny_checkpoints

CONFIG = "configs/best/inter-patient.toml"


@pytest.mark.parametrize(
    ("options", "seeds", "more"),
    [(("--seeds", "2"), (0, 1), " --seeds 2"), ((), (0, 1, 2, 3, 4), "")],
)
def test_what_it_says_and_keeps(tmp_path: Path, monkeypatch, capsys, options, seeds, more):
    save_tiny_checkpoints(tmp_path / "checkpoints")
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    kept = []

    def made(config, asked, progress, command):
        assert (config.name, asked) == ("best-inter-patient", seeds)
        progress("seed 0: fold 1 of 5", 1, 5)
        about = {"seeds": list(asked), "command": command}
        return HeldOut(
            record=np.array(["101"]), sample=np.array([7]), probability=np.ones((1, 1)), about=about
        )

    monkeypatch.setattr(held_out, "cross_validate", made)
    monkeypatch.setattr(held_out, "keep_held_out", lambda name, *_: kept.append(name))
    words = ["held-out", "--config", CONFIG, "--checkpoint", "tiny", *options, "--json"]
    monkeypatch.setattr("sys.argv", ["ecgcore", *words])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert not ended.value.code
    said = capsys.readouterr()
    found = json.loads(said.out)
    command = f"python -m ecgcore held-out --config {CONFIG} --checkpoint tiny{more}"
    assert found == {"checkpoint": "tiny", "beats": 1, "seeds": list(seeds), "command": command}
    assert "epoch 1 of 5" in said.err
    assert kept == ["tiny"]
