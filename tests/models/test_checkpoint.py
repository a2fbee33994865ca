"""Checkpoints: the round trip, every fault that can be met, and a writer killed in between."""

import contextlib
import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ecgcore.errors import CheckpointError
from ecgcore.features.inputs import InputSpec
from ecgcore.models import checkpoint as store
from ecgcore.models.checkpoint import (
    list_checkpoints,
    load_checkpoint,
    read_card,
    read_meta,
    save_checkpoint,
)
from ecgcore.models.meta import FORMAT, CheckpointMeta
from ecgcore.models.registry import build_network, network_config
from ecgcore.schema import Protocol

SIZES = {"channels": 8, "middle": 4, "heads": 2, "kernel": 5, "rr_features": 2, "classes": 3}


def made(seed: int = 0) -> tuple[torch.nn.Module, CheckpointMeta]:
    torch.manual_seed(seed)
    network = build_network("resunet-b2", SIZES)
    meta = CheckpointMeta(
        architecture="resunet-b2",
        config=network_config(network),
        task="beat-class",
        input=InputSpec(rr=("pre", "post"), fs=360.0),
        classes=("N", "S", "V"),
        lead="MLII",
        fs=360.0,
        protocol=Protocol(name="inter-patient", train="a", test="b", flags=("said",), seeds=(1, 2)),
        seed=seed,
        data_hash="abc",
        metrics={"accuracy": 0.5},
        training={"epochs": 3},
    )
    return network, meta


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def saved(root: Path) -> Path:
    save_checkpoint(root / "one", *made(), "# Card ✓")
    return root / "one"


def test_round_trip(saved: Path):
    network, meta = made()
    network.eval()
    loaded = load_checkpoint("one")
    x, rr = torch.randn(5, 1, 128), torch.randn(5, 2)
    assert list_checkpoints() == ("one",)
    assert loaded.meta == meta == read_meta("one")
    assert loaded.card == read_card("one") == "# Card ✓"
    assert not loaded.network.training
    with torch.no_grad():
        torch.testing.assert_close(loaded.network(x, rr), network(x, rr), rtol=0, atol=0)


def test_the_digest_follows_the_weights(saved: Path):
    first = load_checkpoint("one").digest
    for _ in range(5):
        save_checkpoint(saved, *made(), "another card")
        assert load_checkpoint("one").digest == first
    network, meta = made()
    with torch.no_grad():
        network.classifier.bias.add_(1)
    save_checkpoint(saved, network, meta, "")
    assert load_checkpoint("one").digest != first


def test_listing_and_reading_need_no_torch(saved: Path):
    code = (
        "import sys; from ecgcore.models.checkpoint import list_checkpoints, read_meta;"
        "print(list_checkpoints(), read_meta('one').classes, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "('one',) ('N', 'S', 'V') False"


def test_an_unknown_name_names_those_there_are(saved: Path):
    for name in ("two", "../one", "", ".", "/etc"):
        with pytest.raises(CheckpointError, match="there are: one"):
            load_checkpoint(name)


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


def _edit(folder: Path, **change: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))


def test_other_classes_are_both_named(saved: Path):
    _edit(saved, classes=["N", "S", "F"])
    with pytest.raises(CheckpointError, match=r"'N S F'.*'N S V'"):
        load_checkpoint("one")


def test_another_architecture_is_named_both(saved: Path):
    _edit(saved, architecture="identity-cnn")
    with pytest.raises(CheckpointError, match=r"'identity-cnn'.*'resunet-b2'"):
        load_checkpoint("one")


def test_an_architecture_of_nobody_is_said(saved: Path, root: Path):
    network, meta = made()
    save_checkpoint(root / "odd", network, replace(meta, architecture="perceptron"), "")
    with pytest.raises(CheckpointError, match=r"'perceptron'.*it has .*resunet-b2"):
        load_checkpoint("odd")


def test_safetensors_of_others_are_told_from_ours(saved: Path):
    from safetensors.torch import save_file

    save_file({"x": torch.ones(2)}, saved / "weights.safetensors")
    with pytest.raises(CheckpointError, match="not written by BeatLens"):
        load_checkpoint("one")


def test_weights_of_other_sizes_are_said(saved: Path):
    config = json.loads((saved / "config.json").read_text())["config"]
    _edit(saved, config={**config, "middle": 6})
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


def test_a_newer_format_is_refused_and_untouched(saved: Path):
    _edit(saved, format=FORMAT + 1)
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    for read in (read_meta, load_checkpoint):
        with pytest.raises(CheckpointError, match="newer version of BeatLens"):
            read("one")
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "[" * 100_000, "{}", '{"format": "1"}', '{"format": 1}', "\xff"],
)
def test_a_broken_config_is_said(saved: Path, text: str):
    (saved / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(CheckpointError, match=r"one.*config\.json"):
        read_meta("one")


@pytest.mark.parametrize(
    "change",
    [
        {"classes": ["N", "N", "V"]},
        {"classes": ["N"]},
        {"classes": 5},
        {"classes": ["N", "S"]},
        {"input": {"points": "many"}},
        {"protocol": {}},
        {"protocol": None},
        {"config": []},
        {"task": "magic"},
        {"architecture": 7},
        {"fs": "x"},
        {"fs": float("nan")},
        {"fs": 0},
        {"lead": 3},
        {"seed": "x"},
        {"metrics": []},
        {"training": []},
        {"training": {"split": {"kind": "nonsense"}}},
        {"training": {"split": []}},
        {"training": {"split": {"kind": "time", "stop": "late"}}},
        {"protocol": {"name": 5, "train": "a", "test": "b"}},
    ],
)
def test_a_config_that_makes_no_sense_is_said(saved: Path, change: dict[str, object]):
    _edit(saved, **change)
    with pytest.raises(CheckpointError, match=r"one.*config\.json"):
        read_meta("one")


def test_a_config_is_strict_json(root: Path):
    network, meta = made()
    figures = {"auroc": float("nan"), "seeds": [{"f1": np.float64("inf")}], "n": np.int64(3)}
    save_checkpoint(root / "one", network, replace(meta, metrics=figures), "")

    def refuse(word: str):
        raise AssertionError(f"{word} is no JSON")

    plain = json.loads((root / "one" / "config.json").read_text(), parse_constant=refuse)
    assert plain["metrics"] == {"auroc": None, "seeds": [{"f1": None}], "n": 3}
    assert read_meta("one").metrics == plain["metrics"]


def test_sizes_that_no_machine_has_are_not_allocated(saved: Path):
    """A terabyte by the description alone: the shapes are compared before anything is made."""
    config = json.loads((saved / "config.json").read_text())["config"]
    _edit(saved, config={**config, "channels": 1 << 18})
    with pytest.raises(CheckpointError, match=r"one.*tensors differ"):
        load_checkpoint("one")


def test_the_digest_is_of_what_was_loaded(saved: Path, monkeypatch):
    """Other weights are put there between reading and hashing."""
    before = store.checkpoint_digest("one")
    monkeypatch.setattr(store, "_agree", lambda *_: save_checkpoint(saved, *made(5), "newer"))
    loaded = load_checkpoint("one")
    assert loaded.digest == before != store.checkpoint_digest("one")


@pytest.mark.parametrize("content", ["Carte du modèle".encode("latin-1"), b"x" * (3 << 20)])
def test_a_card_of_another_encoding_or_size_blocks_nothing(saved: Path, content: bytes):
    (saved / "README.md").write_bytes(content)
    card = load_checkpoint("one").card
    assert card[:1] in ("C", "x")
    assert len(card) <= 1 << 20


def test_an_old_folder_that_cannot_be_put_back_stops_no_listing(saved: Path, monkeypatch):
    saved.rename(saved.with_name(".two.old"))
    save_checkpoint(saved, *made(), "")

    def refused(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refused)
    assert list_checkpoints() == ("one",)


def test_a_writer_that_fails_changes_nothing(saved: Path, root: Path, monkeypatch):
    before = {path.name: path.read_bytes() for path in saved.iterdir()}

    def full(path: Path, content: bytes) -> None:
        path.write_bytes(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_whole", full)
    with pytest.raises(CheckpointError, match="No space left on device"):
        save_checkpoint(saved, *made(1), "new")
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert [path.name for path in root.iterdir()] == ["one"]


@pytest.mark.parametrize("moment", ["before", "between"])
def test_a_killed_writer_leaves_the_old_checkpoint_whole(root: Path, saved: Path, moment: str):
    """The writer dies before the old folder is moved aside, or before the new one is in place."""
    code = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from ecgcore.models import checkpoint
from tests.models.test_checkpoint import made
calls, real = [], Path.rename
def rename(self, target):
    calls.append(target)
    if len(calls) == {1 if moment == "before" else 2}:
        os._exit(9)
    return real(self, target)
Path.rename = rename
checkpoint.save_checkpoint(Path({str(saved)!r}), *made(1), "new")
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 9, done.stderr
    assert list_checkpoints() == ("one",)
    assert load_checkpoint("one").meta.seed == 0
    save_checkpoint(saved, *made(2), "newer")
    assert load_checkpoint("one").meta.seed == 2
    assert not (root / ".one.old").exists()
