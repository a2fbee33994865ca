"""Checkpoints: the round trip, listing, and a writer killed in between."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ecgcore.errors import CheckpointError
from ecgcore.models import checkpoint as store
from ecgcore.models.checkpoint import (
    list_checkpoints,
    load_checkpoint,
    read_card,
    read_meta,
    save_checkpoint,
)
from tests.models.checkpoint.made import made


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


def test_the_digest_is_of_what_was_loaded(saved: Path, monkeypatch):
    """Other weights are put there between reading and hashing."""
    before = store.checkpoint_digest("one")
    monkeypatch.setattr(store, "_agree", lambda *_: save_checkpoint(saved, *made(5), "newer"))
    loaded = load_checkpoint("one")
    assert loaded.digest == before != store.checkpoint_digest("one")


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
from tests.models.checkpoint.made import made
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
