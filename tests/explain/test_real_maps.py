"""What the committed checkpoints' maps say on real recordings."""

import numpy as np
import pytest
import torch

from ecgcore.explain.beat import explain_beat
from ecgcore.explain.gradcam import gradcam
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.models.registry import build_network
from ecgcore.records.catalog import Database
from ecgcore.records.reader import read_record
from ecgcore.training.store import find_beats

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def ventricular(mitdb: Database):
    """Return the checkpoint, and inputs and predictions of test recordings' V beats."""
    checkpoint = load_checkpoint("resunet-b2")
    parts = []
    for name in ("200", "213", "233"):
        record = read_record(mitdb, name)
        peaks = find_beats(record)
        inputs = beat_inputs(record, peaks, checkpoint.meta.input)
        chosen = np.flatnonzero((peaks.aami == "V") & inputs.beats.usable)[:100]
        parts.append((inputs.x[chosen], inputs.rr[chosen]))
    x, rr = (torch.from_numpy(np.concatenate(column)) for column in zip(*parts, strict=True))
    with torch.no_grad():
        target = checkpoint.network(x, rr).argmax(dim=1)
    return checkpoint, x, rr, target


def test_a_network_that_learnt_nothing_gives_other_maps(ventricular):
    checkpoint, x, rr, target = ventricular
    torch.manual_seed(0)
    random = build_network(checkpoint.meta.architecture, checkpoint.meta.config).eval()
    maps = gradcam(checkpoint.network, x, rr, target).numpy()
    others = gradcam(random, x, rr, target).numpy()
    varied = (maps.std(axis=1) > 0) & (others.std(axis=1) > 0)
    alike = [np.corrcoef(a, b)[0, 1] for a, b in zip(maps[varied], others[varied], strict=True)]
    assert np.mean(alike) < 0.5


def test_what_is_bright_matters_more_than_what_is_dark_or_chosen_blindly(ventricular):
    """Delete a fifth of each beat (to the median beat) and see how the probability falls."""
    checkpoint, x, rr, target = ventricular
    network = checkpoint.network
    cam = gradcam(network, x, rr, target)

    def fall(order: torch.Tensor) -> float:
        gone = order[:, None, : x.shape[-1] // 5].expand(-1, x.shape[1], -1)
        with torch.no_grad():
            before = torch.softmax(network(x, rr), 1).gather(1, target[:, None])
            after = torch.softmax(network(x.scatter(2, gone, 0.0), rr), 1).gather(
                1, target[:, None]
            )
        return float((before - after).mean())

    torch.manual_seed(0)
    bright = fall(cam.argsort(dim=1, descending=True))
    assert bright > fall(cam.argsort(dim=1))
    assert bright > fall(torch.rand_like(cam).argsort(dim=1))


def test_a_persons_beat_has_a_tile_on_the_signals_own_time(nsrdb: Database):
    checkpoint = load_checkpoint("identity-nsrdb")
    record = read_record(nsrdb, "16483")
    peaks = find_beats(record)
    found = explain_beat(checkpoint, record, peaks, 20)
    assert found.tile.shape == (found.frequency.size, found.time.size)
    assert found.target in checkpoint.meta.classes
    window = checkpoint.meta.input.window
    start = peaks.sample[20] - window.before * record.fs
    assert start <= found.start_sample < start + 1
    seconds = found.values.size / record.fs
    assert seconds == pytest.approx(window.before + window.after, abs=0.03)
    assert found.time[0] == pytest.approx(-window.before, abs=0.15)
    assert 0 <= found.frequency[0] < found.frequency[-1] <= record.fs / 2


def test_a_recording_of_another_rate_is_explained_on_its_own_samples(ecgid: Database):
    checkpoint = load_checkpoint("resunet-b2")
    record = read_record(ecgid, ecgid.records[0])
    peaks = find_beats(record)
    found = explain_beat(checkpoint, record, peaks, 3)
    assert found.fs == record.fs != checkpoint.meta.input.fs
    assert found.start_sample < peaks.sample[3] < found.start_sample + found.values.size
