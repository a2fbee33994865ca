"""A table of two tiny rows on three real patients, with files of this test's own."""

from pathlib import Path

import pytest
import torch

from ecgcore.experiments.catalog import EXPERIMENTS, Column, Experiment, Row
from ecgcore.training.metrics import FOUR

ROW = """
name = "tiny-{name}"
title = "Tiny"
architecture = "{architecture}"
task = "beat-class"
database = "mitdb"
protocol = "inter-patient"
train = "208,223"
test = "213,232"
lead = "MLII"
classes = ["N", "S", "V", "F"]
folds = [["208"], ["223"]]
seeds = [0, 1]
[network]
channels = 8
middle = 4
kernel = 3
[input]
points = 64
channels = ["raw"]
scale = "beat"
rr = ["pre_over_global"]
[optimisation]
epochs = 2
epoch_rule = "mean-curve"
batch = 128
majority_per_epoch = 200
"""


@pytest.fixture
def tiny(mitdb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return the experiment; its rows are ``a`` and ``b``."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    for name in ("home", "results", "checkpoint", "config"):
        variable = "ECG_HOME" if name == "home" else f"ECG_{name.upper()}_DIR"
        monkeypatch.setenv(variable, str(tmp_path / name))
    (tmp_path / "config" / "tiny").mkdir(parents=True)
    for name, architecture in (("a", "resunet-a1"), ("b", "resunet-b1")):
        text = ROW.format(name=name, architecture=architecture)
        (tmp_path / "config" / "tiny" / f"{name}.toml").write_text(text)
    (tmp_path / "config" / "published.toml").write_text(
        '[tiny]\nsource = "Nobody"\n[tiny.rows.a]\n"macro.f1_4" = 50.0\n'
        '[less.rows.a]\n"per_class.S.f1" = 40.0\n'
    )
    rows = (Row(config="tiny/a", title="A"), Row(config="tiny/b", title="B"))
    made = Experiment(
        name="tiny",
        title="Tiny",
        rows=rows,
        columns=(Column(figure="macro.f1_4", title="F1"),),
        headline="macro.f1_4",
        classes=FOUR,
    )
    less = Experiment(
        name="less",
        title="Less",
        rows=rows[:1],
        columns=(Column(figure="per_class.S.f1", title="F1 of S"),),
        headline="per_class.S.f1",
        classes=FOUR,
    )
    monkeypatch.setitem(EXPERIMENTS, "tiny", made)
    monkeypatch.setitem(EXPERIMENTS, "less", less)
    yield made
    torch.set_num_threads(before)
