"""What is measured of a set's beats, and how it joins their table."""

import numpy as np
import pytest

from ecgcore.background import Cancelled
from ecgcore.clusters.store import read_clusters, shipped_path
from ecgcore.compare.measures import USUAL, Measures, measure, with_measures
from ecgcore.compare.table import beat_table
from ecgcore.features.inputs import InputSpec
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.demo import demo_database
from ecgcore.training.store import stored_predictions
from tests.make_predictions import make_predictions
from tests.make_record import make_checkpoint
from tests.tiny_networks import Convolutional


def test_measures_go_to_their_own_beats():
    a = make_predictions(["N"] * 4, ["N"] * 4, usable=[True, False, True, True])
    b = make_predictions(["N"] * 2, ["S"] * 2, record="200")
    table = beat_table([a, b])
    found = with_measures(
        table,
        {
            "100": Measures(noise=np.array([0.1, 0.2, 0.3, 0.4])),
            "200": Measures(noise=np.array([1.0, 2.0])),
        },
        (),
    )
    assert found["noise"].tolist() == [0.1, 0.3, 0.4, 1.0, 2.0]
    assert "pattern" not in found
    assert "noise" not in table


def test_a_pattern_names_the_share_that_departs_most():
    part = make_predictions(["N"] * 40, ["N"] * 40)
    shares = np.tile(np.array([0.5, 0.3, 0.2], np.float32), (40, 1))
    shares[3] = [0.2, 0.6, 0.2]
    shares[7] = [0.5, 0.5, 0.0]
    one = Measures(noise=np.zeros(40), uncertainty=np.full(40, 0.5, np.float32), shares=shares)
    found = with_measures(beat_table([part]), {"100": one}, ("QRS", "T", "P"))
    assert found["pattern"][3] in ("more T", "less QRS")
    assert found["pattern"][7] == "less P"
    assert (found["pattern"].drop([3, 7]) == USUAL).all()
    assert (found["uncertainty"] == 0.5).all()


def test_noise_is_measured_of_each_recording_and_can_be_ended():
    base = demo_database()
    spec = InputSpec(rr=("pre", "post"), channels=("difference", "raw"))
    checkpoint = make_checkpoint(Convolutional(), spec, ("N", "S", "V"))
    parts = [stored_predictions(checkpoint, base, name) for name in base.records[:2]]
    told = []
    found = measure(checkpoint, base, parts, None, lambda _, step: told.append(step))
    assert told == list(base.records[:2]) == list(found)
    for part in parts:
        noise = found[part.header.name].noise
        assert noise.shape == (len(part.peaks),)
        assert np.isfinite(noise[part.usable]).all()

    def stop(share, step):
        raise Cancelled

    with pytest.raises(Cancelled):
        measure(checkpoint, base, parts, None, stop)


def test_clusters_are_measured_where_they_were_fitted():
    checkpoint, base = load_checkpoint("resunet-b2"), demo_database()
    model = read_clusters(shipped_path("resunet-b2"), checkpoint.digest)
    part = stored_predictions(checkpoint, base, "demo03")
    found = measure(checkpoint, base, [part], model, lambda _, __: None)["demo03"]
    assert found.shares.shape == (len(part.peaks), model.count)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1, rtol=1e-4)
    assert ((found.uncertainty >= 0) & (found.uncertainty <= 1)).all()
    labels = tuple("ABCDEFGHIJKL"[: model.count])
    table = with_measures(beat_table([part]), {"demo03": found}, labels)
    names = {f"{side} {label}" for side in ("more", "less") for label in labels} | {USUAL}
    assert set(table["pattern"]) <= names
    # Ventricular beats depart from the median beat, ordinary ones do not.
    usual = table["pattern"] == USUAL
    assert usual[table["true"] == "N"].mean() > 0.5 > usual[table["true"] == "V"].mean()
