"""Every network from a recording to predictions and a map, through a checkpoint on disk."""

import numpy as np
import pytest
import torch

from ecgcore.dsp.filters import BaselineMedians
from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.explain.beat import explain_beat
from ecgcore.features.beat_image import BeatImageSpec
from ecgcore.features.inputs import InputSpec
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.models.registry import NETWORKS, build_network, network_config
from ecgcore.schema import Protocol
from ecgcore.training.card import input_words
from ecgcore.training.predict import predict
from tests.make_record import make_record
from tests.models.tiny import TINY

DAEAC = {
    "filters": (BaselineMedians(),),
    "window": WindowSpec(kind="daeac"),
    "scale": "range",
    "channels": ("raw",),
}
ROWS = ("raw", "rr_pre_global", "rr_pre_local")
CLASSES = ("N", "S", "V", "F", "Q")


def _spec(name: str) -> InputSpec:
    kind = NETWORKS[name].kind
    if kind == "spectrogram":
        stft = SpectrogramSpec(length=0.2, overlap=0.8, max_frequency=40.0)
        return InputSpec(kind=kind, channels=("raw",), scale="beat", spectrogram=stft)
    if kind == "image":
        return InputSpec(kind=kind, channels=("raw",), image=BeatImageSpec(height=32, width=32))
    rr = ("pre", "post", "pre_over_global")[: TINY[name].get("rr_features", 0)]
    if not name.startswith("macnn"):
        return InputSpec(rr=rr)
    early = name in ("macnn-se", "macnn-hybrid")
    return InputSpec(**{**DAEAC, "channels": ROWS if early else ("raw",), "rr": rr})


def _checkpoint(name: str, folder) -> Checkpoint:
    spec, classes = _spec(name), CLASSES[:3]
    sizes = {"in_channels": len(spec.channels), "rr_features": len(spec.rr), "classes": 3}
    network = build_network(name, {**TINY[name], **sizes})
    meta = CheckpointMeta(
        architecture=name,
        config=network_config(network),
        task="beat-class",
        input=spec,
        classes=classes,
        lead=None,
        fs=360.0,
        protocol=Protocol(name="made", train="nothing", test="nothing"),
        seed=0,
        data_hash="",
    )
    save_checkpoint(folder / name, network, meta, "# Made\n")
    loaded = load_checkpoint(name)
    again = loaded.network.state_dict()
    assert all(torch.equal(again[key], value) for key, value in network.state_dict().items())
    return loaded


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_a_recording_becomes_predictions_and_a_map(name, tmp_path, monkeypatch):
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path))
    checkpoint = _checkpoint(name, tmp_path)
    record, peaks = make_record()
    found = predict(checkpoint, record, peaks)
    assert found.usable.all()
    np.testing.assert_allclose(found.probability.sum(axis=1), 1, atol=1e-5)
    assert found.embedding.shape == (20, checkpoint.network.classifier.in_features)
    for label in CLASSES[:3]:
        explained = explain_beat(checkpoint, record, peaks, 7, target=label)
        assert explained.values.size == np.floor(found.stop[7]) - np.ceil(found.start[7]) + 1
        assert np.isfinite(explained.values).all()
        kind = NETWORKS[name].kind
        assert (explained.tile is not None) == (kind != "waveform")
        assert (explained.frequency is not None) == (kind == "spectrogram")
        assert (explained.amplitude is not None) == (kind == "image")
    assert input_words(checkpoint.meta)
