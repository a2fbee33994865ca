"""Faults of what a checkpoint says about itself."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgcore.errors import CheckpointError
from ecgcore.models.checkpoint import (
    load_checkpoint,
    read_meta,
    save_checkpoint,
)
from ecgcore.models.meta import FORMAT
from tests.models.checkpoint.made import edit, made


def test_other_classes_are_both_named(saved: Path):
    edit(saved, classes=["N", "S", "F"])
    with pytest.raises(CheckpointError, match=r"'N S F'.*'N S V'"):
        load_checkpoint("one")


def test_another_architecture_is_named_both(saved: Path):
    edit(saved, architecture="identity-cnn")
    with pytest.raises(CheckpointError, match=r"'identity-cnn'.*'resunet-b2'"):
        load_checkpoint("one")


def test_an_architecture_of_nobody_is_said(saved: Path, root: Path):
    network, meta = made()
    save_checkpoint(root / "odd", network, replace(meta, architecture="perceptron"), "")
    with pytest.raises(CheckpointError, match=r"'perceptron'.*it has .*resunet-b2"):
        load_checkpoint("odd")


def test_a_newer_format_is_refused_and_untouched(saved: Path):
    edit(saved, format=FORMAT + 1)
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
        {"context": 1},
        {"context": True, "task": "identity"},
        {"metrics": []},
        {"training": []},
        {"training": {"split": {"kind": "nonsense"}}},
        {"training": {"split": []}},
        {"training": {"split": {"kind": "time", "stop": "late"}}},
        {"protocol": {"name": 5, "train": "a", "test": "b"}},
    ],
)
def test_a_config_that_makes_no_sense_is_said(saved: Path, change: dict[str, object]):
    edit(saved, **change)
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
    edit(saved, config={**config, "channels": 1 << 18})
    with pytest.raises(CheckpointError, match=r"one.*tensors differ"):
        load_checkpoint("one")


@pytest.mark.parametrize("content", ["Carte du modèle".encode("latin-1"), b"x" * (3 << 20)])
def test_a_card_of_another_encoding_or_size_blocks_nothing(saved: Path, content: bytes):
    (saved / "README.md").write_bytes(content)
    card = load_checkpoint("one").card
    assert card[:1] in ("C", "x")
    assert len(card) <= 1 << 20


def test_a_description_that_says_nothing_of_context_is_of_beats_by_themselves(saved: Path):
    path = saved / "config.json"
    plain = json.loads(path.read_text())
    del plain["context"]
    path.write_text(json.dumps(plain))
    assert read_meta("one").context is False
    edit(saved, context=True)
    assert load_checkpoint("one").meta.context is True
