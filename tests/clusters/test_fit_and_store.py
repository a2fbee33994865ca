"""Fitting on recordings, keeping what was fitted, and what is refused."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from ecgcore.clusters import store
from ecgcore.clusters.fit import Candidate, choose_count, fit_clusters
from ecgcore.clusters.measure import see, see_some
from ecgcore.clusters.model import BINS, UNNAMED, columns, patterns, samples, segment
from ecgcore.clusters.sample import both_leads, draw_other_leads, draw_sample, record_inputs
from ecgcore.clusters.waves import WAVES
from ecgcore.errors import EcgError
from ecgcore.features.beat_image import BeatImageSpec
from ecgcore.features.inputs import InputSpec
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_header
from tests.make_record import make_checkpoint, save_tiny_checkpoints
from tests.models.tiny import tiny


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    root = tmp_path_factory.mktemp("checkpoints")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECG_CHECKPOINT_DIR", str(root))
        save_tiny_checkpoints(root)
        yield {name: load_checkpoint(name) for name in ("tiny", "who")}


@pytest.fixture(scope="module")
def base():
    return demo_database()


@pytest.fixture(scope="module")
def model(checkpoints, base):
    return fit_clusters(checkpoints["tiny"], base, base.records[:2], count=4, beats=120)


@pytest.mark.parametrize("name", ["tiny", "who"])
def test_shapes_and_names(checkpoints, base, name):
    checkpoint = checkpoints[name]
    found = fit_clusters(checkpoint, base, base.records[:1], count=3, beats=60)
    inputs = record_inputs(checkpoint, base, base.records[0])
    soft = segment(checkpoint.network, inputs.take(slice(0, 5)), found)
    assert soft.shape == (5, columns(inputs).size, 3)
    np.testing.assert_allclose(soft.sum(axis=-1), 1, atol=1e-5)
    assert len(set(found.labels)) == found.count == 3
    assert set(found.after) | set(found.before) <= {*WAVES, UNNAMED}
    where = samples(inputs)
    assert where.shape == (len(inputs), columns(inputs).size)
    assert (np.diff(where, axis=1) > 0).all()
    assert (where >= inputs.beats.start[:, None]).all()
    assert (where <= inputs.beats.stop[:, None] + 1).all()


def test_patterns_of_a_recording_are_those_of_its_beats(checkpoints, base, model):
    checkpoint = checkpoints["tiny"]
    inputs = record_inputs(checkpoint, base, base.records[0])
    found = patterns(checkpoint.network, inputs, model)
    soft = segment(checkpoint.network, inputs.x, model)
    assert found.proportions.shape == (len(inputs), BINS, 4)
    np.testing.assert_allclose(found.shares, soft.mean(axis=1), atol=1e-4)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1, atol=1e-4)
    usable = inputs.beats.usable
    np.testing.assert_allclose(found.mass.sum(axis=0), usable.sum(), rtol=1e-4)
    # Weighed by how often each cluster is there, the mean waves make the mean beat.
    filled = np.nan_to_num(found.mean_waves)
    mean = (filled * found.mass).sum(axis=0) / found.mass.sum(axis=0)
    np.testing.assert_allclose(mean, inputs.beats.waveform[usable].mean(axis=0), atol=1e-4)


def test_the_sample_holds_every_predicted_class_and_says_how_many_it_chose_from(checkpoints, base):
    sample = draw_sample(checkpoints["tiny"], base, base.records[:2], beats=40)
    assert set(sample.record.tolist()) == set(base.records[:2])
    assert len(sample) < sample.seen
    assert sample.wave.shape == sample.before.shape == (len(sample), sample.x.shape[-1])
    again = draw_sample(checkpoints["tiny"], base, base.records[:2], beats=40)
    np.testing.assert_array_equal(sample.x, again.x)
    other = draw_sample(checkpoints["tiny"], base, base.records[:2], beats=40, seed=1)
    assert other.x.shape != sample.x.shape or (other.x != sample.x).any()


def _two_leads(base):
    return [name for name in base.records if len(read_header(base, name).leads) > 1]


def test_the_other_leads_beats_are_drawn_alike_and_none_where_there_is_no_other(
    checkpoints, base, monkeypatch
):
    checkpoint, names = checkpoints["tiny"], _two_leads(base)[:1]
    own, other = both_leads(checkpoint, base, names[0])
    assert own.beats.lead != other.beats.lead
    np.testing.assert_array_equal(own.beats.peaks.sample, other.beats.peaks.sample)
    drawn = draw_other_leads(checkpoint, base, names, beats=40)
    assert drawn is not None
    assert drawn.seen == other.beats.usable.sum()
    assert all((row == other.take(slice(None))).all(axis=(1, 2)).any() for row in drawn.x[:3])
    monkeypatch.setattr("ecgcore.clusters.sample.other_inputs", lambda *_: None)
    assert draw_other_leads(checkpoint, base, names, beats=40) is None
    assert len(list(both_leads(checkpoint, base, names[0]))) == 1


def test_some_beats_are_seen_as_all_of_them_are(checkpoints, base, model, monkeypatch):
    monkeypatch.setattr("ecgcore.clusters.measure.PER_CLASS", 5)
    checkpoint, name = checkpoints["tiny"], base.records[0]
    some, every = see_some(checkpoint, model, base, [name]), see(checkpoint, model, base, [name])
    leads = len(list(both_leads(checkpoint, base, name)))
    assert np.bincount(some.label).max() <= 5 * leads
    for k in range(3):  # the first ones are of the network's own lead
        away = np.abs(every.proportions - some.proportions[k]).max(axis=(1, 2))
        assert away.min() < 1e-5
        assert every.label[away.argmin()] == some.label[k]


def test_the_number_is_the_smallest_within_one_standard_error():
    curve = [
        Candidate(count=k, fidelity=f, error=0.02)
        for k, f in ((4, 0.5), (5, 0.69), (6, 0.7), (7, 0.66))
    ]
    assert choose_count(curve) == 5
    assert choose_count(curve[:1]) == 4
    steep = [dataclasses.replace(one, error=0.0) for one in curve]
    assert choose_count(steep) == 6
    with pytest.raises(ValueError, match="no candidate"):
        choose_count([])


def test_where_waves_are_seen_the_number_tells_both_best():
    curve = [
        Candidate(count=k, fidelity=f, error=0.02, names=n)
        for k, f, n in ((4, 0.7, 0.3), (5, 0.69, 0.6), (6, 0.6, 0.69), (7, 0.59, 0.7))
    ]
    assert choose_count(curve) == 5  # 5, 6 and 7 are as good: the fewest
    assert choose_count(curve[:1] + curve[2:]) == 6
    assert choose_count([dataclasses.replace(one, names=None) for one in curve]) == 4


def test_without_a_number_the_curve_is_told(checkpoints, base, monkeypatch):
    monkeypatch.setattr("ecgcore.clusters.fit.COUNTS", (4, 5))
    found = fit_clusters(checkpoints["tiny"], base, base.records[:3], beats=60)
    assert [one["count"] for one in found.about["curve"]] == [4, 5]
    assert all(0 <= one["fidelity"] <= 1 for one in found.about["curve"])
    assert found.count in (4, 5)
    assert [one["names"] for one in found.about["curve"]] == [None, None]  # it sees departures
    assert found.about["records"] == list(base.records[:3])
    compared = found.about["kinds"]
    assert [one["kind"] for one in compared] == ["gaussians", "soft k-means"]
    assert found.about["kind"] == max(compared, key=lambda one: one["fidelity"])["kind"]


@pytest.mark.parametrize("kind", ["gaussians", "soft k-means"])
def test_another_number_is_of_the_kind_that_travels(checkpoints, base, kind, tmp_path, monkeypatch):
    checkpoint, records = checkpoints["tiny"], base.records[:1]
    monkeypatch.setattr(store, "shipped_path", lambda _: tmp_path / "clusters.npz")
    monkeypatch.setattr(store, "settings", lambda: SimpleNamespace(home=tmp_path))
    shipped = fit_clusters(checkpoint, base, records, count=3, kind=kind, beats=60)
    store.write_clusters(tmp_path / "clusters.npz", shipped, checkpoint.digest)
    assert store.fitted_clusters(checkpoint, base, records, 3).about == shipped.about
    assert store.fitted_clusters(checkpoint, base, records, 4).about["kind"] == kind


def test_fitted_once_and_read_ever_after(checkpoints, base, monkeypatch):
    checkpoint, records = checkpoints["tiny"], base.records[:1]
    assert store.stored_clusters(checkpoint, base, records, 4) is None
    first = store.fitted_clusters(checkpoint, base, records, 4)
    monkeypatch.setattr(store, "fit_clusters", _never)
    again = store.fitted_clusters(checkpoint, base, records, 4)
    x = record_inputs(checkpoint, base, records[0]).take(slice(0, 3))
    np.testing.assert_array_equal(
        segment(checkpoint.network, x, first), segment(checkpoint.network, x, again)
    )
    assert (first.labels, first.about) == (again.labels, again.about)
    np.testing.assert_array_equal(first.ordinary, again.ordinary)
    other = dataclasses.replace(checkpoint, digest="another")
    assert store.stored_clusters(other, base, records, 4) is None
    assert store.stored_clusters(checkpoint, base, records, 5) is None
    assert store.stored_clusters(checkpoint, base, base.records[:2], 4) is None


def _never(*_args, **_kwargs):
    raise AssertionError("fitted anew")


def test_what_travels_with_a_checkpoint_is_taken_for_its_own_weights_only(
    checkpoints, base, model, tmp_path, monkeypatch
):
    checkpoint = checkpoints["tiny"]
    monkeypatch.setattr(store, "shipped_path", lambda _: tmp_path / "clusters.npz")
    store.write_clusters(tmp_path / "clusters.npz", model, checkpoint.digest)
    assert store.stored_clusters(checkpoint, base, base.records[:3]).labels == model.labels
    changed = dataclasses.replace(checkpoint, digest="changed")
    assert store.stored_clusters(changed, base, base.records[:3]) is None
    assert (tmp_path / "clusters.npz").stat().st_size < 200_000


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"no archive"])
def test_a_broken_file_is_as_none(tmp_path, content):
    (tmp_path / "broken.npz").write_bytes(content)
    assert store.read_clusters(tmp_path / "broken.npz", "any") is None
    assert store.read_clusters(tmp_path / "missing.npz", "any") is None


def test_parts_of_different_clusters_are_refused(model, tmp_path):
    path = tmp_path / "mixed.npz"
    store.write_clusters(path, dataclasses.replace(model, after=("P",)), "d")
    assert store.read_clusters(path, "d") is None


@pytest.mark.parametrize("count", [1, 0, -3, 33])
def test_a_strange_number_is_refused(checkpoints, base, count):
    with pytest.raises(EcgError, match="choose 2 to 32"):
        fit_clusters(checkpoints["tiny"], base, base.records[:1], count=count)


def test_a_network_that_sees_a_drawing_is_refused_with_the_reason(base):
    network, *_ = tiny("beat-image-cnn")
    spec = InputSpec(kind="image", channels=("raw",), image=BeatImageSpec())
    checkpoint = make_checkpoint(network, spec, ("N", "S", "V", "F", "Q"))
    with pytest.raises(EcgError, match="sees the beat drawn"):
        fit_clusters(checkpoint, base, base.records[:1])
