"""Predictions: what they carry, and what is said of a recording unlike the training ones."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.features.beat_image import BeatImageSpec
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.features.rr import RR_SEVEN
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.models.registry import build_network
from ecgcore.training import predict as module
from ecgcore.training.predict import predict
from tests.make_record import make_checkpoint, make_record

SPEC = InputSpec(rr=("pre_over_global", "pre_over_post"), fs=360.0, window=WindowSpec())
CLASSES = ("N", "S", "V", "F")


def checkpoint(lead: str | None = "MLII"):
    torch.manual_seed(0)
    sizes = {"channels": 8, "middle": 4, "heads": 2, "kernel": 5, "rr_features": 2, "classes": 4}
    made = make_checkpoint(build_network("resunet-b2", sizes).eval(), SPEC, CLASSES)
    return replace(made, meta=replace(made.meta, lead=lead))


def test_what_predictions_carry():
    record, peaks = make_record(30)
    one = checkpoint()
    found = predict(one, record, peaks)
    assert found.probability.shape == (30, 4)
    np.testing.assert_allclose(found.probability.sum(axis=1), 1, rtol=1e-5)
    with torch.no_grad():
        logits = one.network.classifier(torch.from_numpy(found.embedding))
    np.testing.assert_allclose(torch.softmax(logits, 1).numpy(), found.probability, rtol=1e-5)
    assert found.classes == CLASSES
    assert set(found.label) <= set(CLASSES)
    assert found.lead == "MLII"
    assert found.usable.all()
    assert ((found.start < peaks.sample) & (peaks.sample < found.stop)).all()
    assert found.notes == ()
    assert found.truth is None


def test_the_size_of_batches_changes_nothing(monkeypatch):
    record, peaks = make_record(30)
    whole = predict(checkpoint(), record, peaks)
    monkeypatch.setattr(module, "_BATCH", 7)
    parts = predict(checkpoint(), record, peaks)
    np.testing.assert_allclose(parts.probability, whole.probability, rtol=1e-4, atol=1e-6)


@pytest.fixture(scope="module")
def three_hours():
    """Return a recording of 3 h with its R-peaks: 80 s of waves, again and again."""
    part, peaks = make_record(100, fs=128.0)
    n, times = len(part.signal), 140
    record = replace(
        part,
        header=replace(part.header, length=times * n),
        signal=np.tile(part.signal, (times, 1)),
    )
    sample = np.concatenate([peaks.sample + k * n for k in range(times)])
    assert record.header.duration > 3 * 3600
    return record, replace(peaks, sample=sample)


@pytest.mark.parametrize("kind", ["waveform", "spectrogram", "image"])
def test_three_hours_are_the_same_whatever_the_batches(three_hours, kind):
    record, peaks = three_hours
    window = WindowSpec(before=0.3, after=0.4)
    spec = {
        "waveform": InputSpec(
            window=window, points=64, channels=("difference", "previous"), rr=RR_SEVEN
        ),
        "spectrogram": InputSpec(
            kind="spectrogram",
            window=window,
            points=64,
            spectrogram=SpectrogramSpec(length=0.15, overlap=0.8, max_frequency=40.0),
        ),
        "image": InputSpec(
            kind="image", window=window, points=64, image=BeatImageSpec(height=24, width=24)
        ),
    }[kind]
    sizes = {"classes": 3, "in_channels": len(spec.channels)}
    torch.manual_seed(0)
    network = (
        build_network("resunet-b2", {**sizes, "channels": 4, "middle": 4, "heads": 2})
        if kind == "waveform"
        else build_network("identity-cnn", {**sizes, "filters": [2, 2, 2]})
    )
    one = make_checkpoint(network.eval(), spec, ("N", "S", "V"), fs=128.0)
    inputs = beat_inputs(record, peaks, spec)
    x = inputs.x  # all pictures at once
    parts = []
    for part in np.array_split(np.arange(len(peaks)), 37):  # other batches than predict's
        with torch.inference_mode():
            features = network.features(torch.from_numpy(x[part]))
            logits = network.head(features, torch.from_numpy(inputs.rr[part]))
            parts.append(torch.softmax(logits, dim=1).numpy())
    found = predict(one, record, peaks)
    np.testing.assert_allclose(found.probability, np.concatenate(parts), rtol=1e-3, atol=1e-5)


def test_the_pictures_of_a_long_recording_are_never_all_there(three_hours):
    record, peaks = three_hours
    spec = InputSpec(
        kind="image",
        window=WindowSpec(before=0.3, after=0.4),
        points=32,
        channels=("raw",),
        image=BeatImageSpec(height=64, width=64),
    )
    network = build_network("identity-cnn", {"classes": 3, "filters": [2, 2, 2]}).eval()
    one = make_checkpoint(network, spec, ("N", "S", "V"), fs=128.0)
    tracemalloc.start()
    try:
        predict(one, record, peaks)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(peaks) * 64 * 64 * 4


def test_the_network_is_left_as_it_was():
    record, peaks = make_record(10)
    one = checkpoint()
    before = {key: value.clone() for key, value in one.network.state_dict().items()}
    predict(one, record, peaks)
    assert all(torch.equal(before[k], v) for k, v in one.network.state_dict().items())


@pytest.mark.parametrize("fs", [250.0, 500.0])
def test_another_rate_is_resampled_and_said(fs):
    record, peaks = make_record(40, fs=fs)
    same, same_peaks = make_record(40, fs=360.0)
    found = predict(checkpoint(), record, peaks)
    assert any(f"{fs:g} Hz" in note and "360 Hz" in note for note in found.notes)
    # Windows are counted in the recording's own samples.
    np.testing.assert_allclose(peaks.sample - found.start, 0.36 * fs, atol=1.5)
    wanted = predict(checkpoint(), same, same_peaks)
    apart = np.abs(found.probability - wanted.probability).max()
    shuffled = np.abs(wanted.probability - wanted.probability[::-1]).max()
    assert apart < max(shuffled, 0.05)


def test_another_lead_than_in_training_is_said():
    record, peaks = make_record(10)
    assert any("V5" in note for note in predict(checkpoint("V5"), record, peaks).notes)


def test_the_truth_is_the_annotation_s_class_or_the_person():
    record, peaks = make_record(10)
    aami = np.array(list("NSVFQNNNNN"))
    labelled = replace(peaks, aami=aami)
    assert (predict(checkpoint(), record, labelled).truth == aami).all()

    one = checkpoint()
    home = replace(one.meta.protocol, train="made all")
    known = replace(one.meta, task="identity", classes=("1", "2", "3", "4"), protocol=home)
    person = replace(one, meta=known)
    assert (predict(person, record, peaks).truth == "1").all()
    stranger = replace(record, header=replace(record.header, name="9"))
    assert predict(person, stranger, peaks).truth is None
    namesake = replace(record, header=replace(record.header, database="other"))
    assert predict(person, namesake, peaks).truth is None


def test_a_gap_leaves_its_beats_unusable_and_finite():
    record, peaks = make_record(30)
    signal = record.signal.copy()
    signal[peaks.sample[10] - 20 : peaks.sample[10] + 20] = np.nan
    found = predict(checkpoint(), replace(record, signal=signal), peaks)
    assert not found.usable[10]
    assert found.usable[20]
    assert np.isfinite(found.probability).all()
