"""Faults of the file of weights."""

import contextlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from ecgcore.errors import CheckpointError
from ecgcore.models.checkpoint import (
    load_checkpoint,
    save_checkpoint,
)
from tests.models.checkpoint.made import edit, made


class Trap:
    """Leaves a mark when unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


@pytest.mark.parametrize("kind", ["pickle", "torch", "renamed"])
def test_a_pickle_is_never_opened(saved: Path, tmp_path: Path, kind: str):
    mark = tmp_path / "opened"
    weights = saved / "weights.safetensors"
    weights.unlink()
    if kind == "torch":
        torch.save({"x": Trap(mark)}, saved / "model.pt")
    else:
        path = saved / "model.pkl" if kind == "pickle" else weights
        path.write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(CheckpointError, match="safetensors only"):
        load_checkpoint("one")
    assert not mark.exists()


def test_no_weights_at_all(saved: Path):
    (saved / "weights.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"one has no weights\.safetensors"):
        load_checkpoint("one")


def _cut(at: float):
    return lambda content: content[: int(len(content) * at)]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: content[:5],
        _cut(0.01),
        _cut(0.5),
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: content + content,
        lambda content: (1 << 60).to_bytes(8, "little") + content[8:],
        lambda content: (len(content)).to_bytes(8, "little") + content[8:],
        lambda content: content[:8] + b"{" * 20 + content[28:],
        lambda content: b"\xff" * len(content),
    ],
)
def test_a_damaged_weights_file_is_said(saved: Path, damage):
    path = saved / "weights.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CheckpointError, match=r"one.*weights\.safetensors.*not a whole"):
        load_checkpoint("one")


def test_random_bytes_in_the_weights_never_escape(saved: Path):
    path = saved / "weights.safetensors"
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        broken = bytearray(whole)
        for at in rng.integers(0, 2000, 3):
            broken[at] = int(rng.integers(256))
        path.write_bytes(broken)
        # Some bytes change a number only, and the file stays whole.
        with contextlib.suppress(CheckpointError):
            load_checkpoint("one")


def test_safetensors_of_others_are_told_from_ours(saved: Path):
    from safetensors.torch import save_file

    save_file({"x": torch.ones(2)}, saved / "weights.safetensors")
    with pytest.raises(CheckpointError, match="not written by BeatLens"):
        load_checkpoint("one")


def test_weights_of_other_sizes_are_said(saved: Path):
    config = json.loads((saved / "config.json").read_text())["config"]
    edit(saved, config={**config, "middle": 6})
    with pytest.raises(CheckpointError, match="tensors differ, such as"):
        load_checkpoint("one")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(root: Path, value: float):
    network, meta = made()
    with torch.no_grad():
        network.classifier.weight[0, 0] = value
    save_checkpoint(root / "nan", network, meta, "")
    with pytest.raises(CheckpointError, match=r"classifier\.weight.*not all finite"):
        load_checkpoint("nan")
