"""A stretch of a recording in clusters, and the beats worth looking at."""

import numpy as np
import pytest

from ecgcore.clusters.fit import fit_clusters
from ecgcore.clusters.model import Patterns, patterns, segment
from ecgcore.clusters.sample import record_inputs
from ecgcore.clusters.stretch import cluster_stretch
from ecgcore.clusters.typical import typical_beats, uncertain_beats
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.demo import demo_database
from tests.make_record import save_tiny_checkpoints


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    root = tmp_path_factory.mktemp("checkpoints")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECG_CHECKPOINT_DIR", str(root))
        save_tiny_checkpoints(root)
        checkpoint, base = load_checkpoint("tiny"), demo_database()
        model = fit_clusters(checkpoint, base, base.records[:1], count=4, beats=80)
        yield checkpoint, record_inputs(checkpoint, base, base.records[0]), model


def test_every_sample_within_a_window_has_the_cluster_of_its_nearest_beat(fitted):
    checkpoint, inputs, model = fitted
    found = cluster_stretch(checkpoint.network, inputs, model, 5, 9)
    assert (np.diff(found.sample) == 1).all()
    known = found.cluster >= 0
    assert known.any()
    np.testing.assert_array_equal(known, np.isfinite(found.entropy))
    assert found.entropy[known].min() >= 0
    assert found.entropy[known].max() <= 1
    # At an R-peak it is what the beat's own membership says there.
    beats = inputs.beats
    for beat in range(5, 10):
        soft = segment(checkpoint.network, inputs.take(slice(beat, beat + 1)), model)[0]
        spacing = (beats.stop[beat] - beats.start[beat]) / (inputs.spec.points - 1)
        column = (beats.peaks.sample[beat] - beats.start[beat]) / spacing
        near = {int(soft[k].argmax()) for k in (int(column), int(np.ceil(column)))}
        place = int(beats.peaks.sample[beat] - found.sample[0])
        assert int(found.cluster[place]) in near


def test_a_longer_stretch_says_the_same_of_what_both_hold(fitted):
    checkpoint, inputs, model = fitted
    short = cluster_stretch(checkpoint.network, inputs, model, 6, 8)
    long = cluster_stretch(checkpoint.network, inputs, model, 4, 10)
    middle = inputs.beats.peaks.sample[7]
    for offset in (-10, 0, 10):
        one = short.cluster[middle + offset - short.sample[0]]
        other = long.cluster[middle + offset - long.sample[0]]
        assert one == other


def test_typical_beats_are_of_their_class_and_uncertain_ones_are_the_most_uncertain(fitted):
    checkpoint, inputs, model = fitted
    found = patterns(checkpoint.network, inputs, model)
    label = np.where(np.arange(len(inputs)) % 3 == 0, "V", "N")
    usable = inputs.beats.usable.copy()
    usable[0] = False
    chosen = typical_beats(found, label, usable)
    assert set(chosen) == {"N", "V"}
    assert all(label[beat] == name and usable[beat] for name, beat in chosen.items())
    most = uncertain_beats(found, usable, 3)
    assert 0 not in most
    assert found.entropy[most[0]] == found.entropy[usable].max()
    assert (np.diff(found.entropy[most]) <= 0).all()


def test_the_beat_like_the_mean_is_the_typical_one():
    parts = np.zeros((3, 8, 2), np.float32)
    parts[:, :, 0] = np.array([0.1, 0.5, 0.9])[:, None]
    parts[:, :, 1] = 1 - parts[:, :, 0]
    empty = np.zeros((2, 8))
    found = Patterns(proportions=parts, entropy=np.array([0, 0.2, 0.1]), mass=empty, wave=empty)
    assert typical_beats(found, np.array(["N"] * 3), np.ones(3, bool)) == {"N": 1}
    assert uncertain_beats(found, np.array([True, False, True]), 5).tolist() == [2, 0]
    assert np.isnan(found.mean_waves).all()
