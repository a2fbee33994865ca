"""What folds say of their held-out patients: whole, in place, and kept beside its checkpoint."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.errors import EcgError
from ecgcore.features.inputs import InputSpec
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.training import held_out as module
from ecgcore.training.choice import fit_folds
from ecgcore.training.held_out import HeldOut, cross_validate, keep_held_out, read_held_out
from ecgcore.training.setup import training_beats
from tests.make_record import make_checkpoint
from tests.tiny_networks import Convolutional
from tests.training.test_train import TINY, _alone  # noqa: F401 - a fixture for every test

CLASSES = ("N", "S", "V")


def test_every_training_beat_is_judged_by_the_fold_that_left_its_patient_out(mitdb, monkeypatch):
    asked = []
    monkeypatch.setattr(
        module, "training_beats", lambda *a, **k: asked.append(k) or training_beats(*a, **k)
    )
    found = cross_validate(TINY, (3,), command="as told")
    beats = training_beats(TINY)
    assert len(found.record) == len(beats)
    assert found.about["data_hash"] == beats.digest()
    assert (found.about["seeds"], found.about["folds"]) == ([3], 2)
    np.testing.assert_allclose(found.probability.sum(axis=1), 1, atol=1e-5)
    first = fit_folds(TINY, 3, beats)[0]
    peaks = annotated_peaks(read_record(mitdb, "208"))
    at, said = found.of("208", peaks.sample, peaks.fs)
    assert len(at) == len(first.record)
    assert (np.diff(at) > 0).all()
    epochs = module.choose_epochs(TINY, 3, beats).epochs
    np.testing.assert_allclose(said, first.probability[epochs - 1], atol=1e-6)
    asked.clear()  # what was fitted is read, without making what only fitting needs
    again = cross_validate(TINY, (3,))
    assert asked == [{"augmented": False}]
    np.testing.assert_array_equal(again.probability, found.probability)


@pytest.mark.parametrize(("rule", "whole"), [("mean-curve", False), ("last", True)])
def test_one_number_of_epochs_for_all_seeds_takes_the_folds_of_all(mitdb, monkeypatch, rule, whole):
    """Those of seeds not asked for are fitted then, which takes all that trains."""
    asked = []

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(
        module, "training_beats", lambda *a, **k: asked.append(k) or training_beats(*a, **k)
    )
    monkeypatch.setattr(module, "choose_epochs", stop)
    monkeypatch.setattr(module, "epochs_saved", lambda _, key: 2 * key.startswith("tiny-3-"))
    how = replace(TINY.optimisation, epoch_rule=rule)
    with pytest.raises(KeyboardInterrupt):
        cross_validate(replace(TINY, optimisation=how), (3,))
    assert asked == [{"augmented": False}] + [{}] * (not whole)


def test_without_folds_it_is_refused():
    with pytest.raises(EcgError, match="no folds"):
        cross_validate(replace(TINY, folds=()), (3,))


def _made(**about) -> HeldOut:
    rng = np.random.default_rng(0)
    return HeldOut(
        record=np.repeat(["100", "101"], 5),
        sample=np.tile(np.arange(5) * 300, 2),
        probability=rng.dirichlet(np.ones(3), 10).astype(np.float32),
        about={"version": module.VERSION, "classes": list(CLASSES), "data_hash": "d", **about},
    )


def test_it_is_kept_beside_its_checkpoint_and_no_other(tmp_path):
    meta = replace(make_checkpoint(Convolutional(), InputSpec(), CLASSES).meta, data_hash="d")
    assert read_held_out("made", meta) is None
    path = keep_held_out("made", meta, _made())
    assert path.parent == tmp_path / "checkpoints" / "made"
    found = read_held_out("made", meta)
    assert found.record.tolist() == _made().record.tolist()
    np.testing.assert_allclose(found.probability, _made().probability, atol=1e-3)
    at, said = found.of("101", np.array([100, 310, 885, 5000]), fs=360.0)  # 54 samples are 150 ms
    assert at.tolist() == [1, 2]
    np.testing.assert_array_equal(said, found.probability[[6, 8]])
    assert read_held_out("made", replace(meta, data_hash="other")) is None
    assert read_held_out("made", replace(meta, classes=("N", "V", "S"))) is None
    for about, why in (({"data_hash": "x"}, "other inputs"), ({"classes": ["N"]}, "other classes")):
        with pytest.raises(EcgError, match=why):
            keep_held_out("made", meta, _made(**about))
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert read_held_out("made", meta) is None
    for about in ("[1]", "null", '{"version": 1}', '{"version": 1, "data_hash": "d"}'):
        np.savez(path, **{"record": [], "sample": [], "probability": np.zeros((0, 3))}, about=about)
        assert read_held_out("made", meta) is None
    broken = bytearray(whole)
    broken[len(whole) // 3 : len(whole) // 3 + 20] = bytes(20)
    path.write_bytes(bytes(broken))
    assert read_held_out("made", meta) is None
