"""What classifies and scores a database follows a layer, and keeps its results apart."""

from pathlib import Path

import numpy as np
import pytest

from ecgcore.layers import editing, store
from ecgcore.layers.layer import Origin
from ecgcore.layers.marks import deleted, relabelled
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.demo import demo_database
from ecgcore.records.overlay import Overlay, overlaid
from ecgcore.records.reader import read_header, read_record_annotations
from ecgcore.training.evaluate import evaluate
from ecgcore.training.store import stored_predictions
from tests.make_record import save_tiny_checkpoints


def test_scores_and_stored_predictions_are_the_layers(
    storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    save_tiny_checkpoints(tmp_path / "checkpoints")
    checkpoint, base = load_checkpoint("tiny"), demo_database()
    header = read_header(base, "demo03")
    marks, _ = read_record_annotations(base, header)
    assert marks is not None
    layer = store.create_layer(
        storage, header, name="x", author="a", base=marks, origin=Origin(kind="source")
    )
    state = store.layer_state(storage, layer.id)
    first, second = (state.mark_at(int(s)) for s in marks.beats()[0][[10, 12]])
    assert first is not None
    assert second is not None
    steps = ((relabelled(first, "F"), "relabel"), (deleted(second), "delete"))
    for change, kind in steps:
        layer = editing.edit_layer(storage, layer, (change,), kind=kind, author="a")
    mine = store.layer_annotations(storage, layer)
    under = overlaid(base, Overlay(record="demo03", layer=layer.state, annotations=mine))

    before = stored_predictions(checkpoint, base, "demo03")
    after = stored_predictions(checkpoint, under, "demo03")
    again = stored_predictions(checkpoint, base, "demo03")
    assert len(after.peaks) == len(before.peaks) - 1
    assert after.truth is not None
    assert after.truth[after.peaks.sample == first.sample].tolist() == ["F"]
    assert after.peaks.source == "layer x"
    assert after.header.layer == layer.state
    assert np.array_equal(again.peaks.sample, before.peaks.sample)

    own, others = (evaluate(checkpoint, one, ["demo03"]).total for one in (base, under))
    assert others.n_beats == own.n_beats - 1
    assert stored_predictions(checkpoint, under, "demo02").header.layer == ""
