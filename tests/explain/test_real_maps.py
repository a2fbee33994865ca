"""What the committed checkpoints' maps say on real recordings."""

import numpy as np
import pytest
import torch

from ecgcore.errors import EcgError
from ecgcore.explain.beat import explain_beat, explain_input
from ecgcore.explain.gradcam import gradcam
from ecgcore.explain.reference import reference_of
from ecgcore.explain.registry import EXPLAINERS, explain
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.models.registry import build_network
from ecgcore.records.database import Database
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


@pytest.fixture(scope="module")
def looked_at(mitdb: Database, nsrdb: Database):
    """Return each committed checkpoint with the inputs of a recording and some of its beats."""
    found = {}
    for name, base, record in (("resunet-b2", mitdb, "213"), ("identity-nsrdb", nsrdb, "16483")):
        checkpoint = load_checkpoint(name)
        whole = read_record(base, record)
        inputs = beat_inputs(whole, find_beats(whole), checkpoint.meta.input)
        found[name] = (
            checkpoint,
            whole.header,
            inputs,
            np.flatnonzero(inputs.beats.usable)[5:400:97],
        )
    return found


@pytest.mark.parametrize("method", list(EXPLAINERS))
@pytest.mark.parametrize("name", ["resunet-b2", "identity-nsrdb"])
def test_every_method_explains_the_committed_checkpoints_or_says_why_not(looked_at, name, method):
    checkpoint, header, inputs, beats = looked_at[name]
    beat = int(beats[0])
    if reason := EXPLAINERS[method].refuses(checkpoint.network):
        with pytest.raises(EcgError) as refused:
            explain_input(checkpoint, inputs, header, beat, method)
        assert str(refused.value) == reason
        return
    found = explain_input(checkpoint, inputs, header, beat, method)
    start, stop = inputs.beats.start[beat], inputs.beats.stop[beat]
    assert found.values.size == int(np.floor(stop)) - int(np.ceil(start)) + 1
    assert np.isfinite(found.values).all()
    assert np.abs(found.values if found.tile is None else found.tile).max() == pytest.approx(
        1, abs=0.1
    )
    assert (found.values.min() >= 0) or found.signed
    assert found.largest > 0
    if found.parts:
        total = found.start + sum(amount for _, amount in found.parts)
        assert total == pytest.approx(found.score, abs=2e-3)


@pytest.mark.parametrize("name", ["resunet-b2", "identity-nsrdb"])
def test_integrated_gradients_miss_little_of_the_way(looked_at, name):
    checkpoint, _, inputs, beats = looked_at[name]
    x = torch.from_numpy(np.concatenate([inputs.take(slice(b, b + 1)) for b in beats]))
    rr = torch.from_numpy(inputs.rr[beats])
    with torch.no_grad():
        target = checkpoint.network(x, rr).argmax(dim=1)
    away = reference_of(checkpoint, inputs)
    found = explain("integrated-gradients", checkpoint.network, x, rr, target, away)
    shared = found.values.flatten(1).abs().sum(dim=1) + found.rr.abs().sum(dim=1)
    assert (found.rest.abs() < 0.05 * shared).all()


@pytest.mark.parametrize("method", ["integrated-gradients", "lrp-epsilon", "occlusion", "lime"])
def test_what_spoke_for_a_ventricular_beat_matters_more_than_what_is_chosen_blindly(
    ventricular, method
):
    """Put a fifth of each beat back to the median beat: what the map names, or a random fifth."""
    checkpoint, x, rr, target = ventricular
    network, some = checkpoint.network, slice(0, 300, 6)
    x, rr, target = x[some], rr[some], target[some]
    own = explain(method, network, x, rr, target).values
    order = own[:, 0].argsort(dim=1, descending=True)  # of the beat's own channel

    def fall(order: torch.Tensor) -> float:
        gone = torch.zeros(x.shape[0], x.shape[-1], dtype=torch.bool)
        gone.scatter_(1, order[:, : x.shape[-1] // 5], True)
        cut = x.clone()
        cut[:, 0][gone] = 0.0
        with torch.no_grad():
            before = torch.softmax(network(x, rr), 1).gather(1, target[:, None])
            after = torch.softmax(network(cut, rr), 1).gather(1, target[:, None])
        return float((before - after).mean())

    torch.manual_seed(0)
    assert fall(order) > fall(torch.rand_like(own[:, 0]).argsort(dim=1))
