import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.compare.exemplars import BeatRef, exemplars, pool
from tests.make_predictions import CLASSES, make_predictions


def _random(seed: int, n: int = 60) -> list:
    rng = np.random.default_rng(seed)
    return [
        make_predictions(
            rng.choice(CLASSES, n).tolist(),
            rng.choice(CLASSES, n).tolist(),
            record=name,
            embedding=rng.normal(size=(n, 3)).astype(np.float32) * (1, 10, 0.1),
        )
        for name in ("a", "b")
    ]


@given(st.integers(0, 10_000))
def test_the_exemplar_is_the_nearest_right_beat_by_a_plain_search(seed):
    parts = _random(seed)
    wrong = int(np.flatnonzero(parts[0].truth != parts[0].label)[0])
    found = exemplars(parts, BeatRef(record="a", beat=wrong))
    spread = np.concatenate([p.embedding for p in parts]).std(axis=0)
    for exemplar, name in (
        (found.true_class, parts[0].truth[wrong]),
        (found.predicted_class, parts[0].label[wrong]),
    ):
        distances = {
            (p.header.name, k): np.sqrt(
                np.mean(((p.embedding[k] - parts[0].embedding[wrong]) / spread) ** 2)
            )
            for p in parts
            for k in range(len(p.peaks))
            if p.truth[k] == p.label[k] == name
        }
        best = min(distances, key=distances.get)
        assert (exemplar.ref.record, exemplar.ref.beat) == best
        assert exemplar.distance == pytest.approx(distances[best], rel=1e-4)


@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_the_choice_does_not_depend_on_the_scale_of_a_dimension(seed, scale):
    parts = _random(seed)
    wrong = BeatRef(record="a", beat=int(np.flatnonzero(parts[0].truth != parts[0].label)[0]))
    for part in parts:
        part.embedding[:, 0] *= scale
    scaled = exemplars(parts, wrong)
    for part in parts:
        part.embedding[:, 0] /= scale
    assert scaled.true_class.ref == exemplars(parts, wrong).true_class.ref


def test_other_records_only():
    parts = _random(1)
    wrong = BeatRef(record="a", beat=int(np.flatnonzero(parts[0].truth != parts[0].label)[0]))
    found = exemplars(pool(parts), wrong, other_records=True)
    assert found.true_class.ref.record == found.predicted_class.ref.record == "b"


def test_it_says_when_there_is_none():
    part = make_predictions(["N", "V", "N"], ["N", "N", "N"])
    found = exemplars([part], BeatRef(record="100", beat=1))
    assert found.true_class.ref is None
    assert "V" in found.true_class.reason
    assert found.predicted_class.ref is not None


def test_a_true_class_that_the_checkpoint_lacks_has_no_exemplar():
    found = exemplars([make_predictions(["Q", "V"], ["V", "V"])], BeatRef(record="100", beat=0))
    assert found.true_class.ref is None
    assert found.true_class.reason
    assert found.predicted_class.ref == BeatRef(record="100", beat=1)


def test_a_right_beat_is_not_its_own_exemplar():
    part = make_predictions(["N", "N"], ["N", "N"])
    assert exemplars([part], BeatRef(record="100", beat=0)).true_class.ref.beat == 1


def test_unusable_beats_are_never_shown():
    part = make_predictions(["V", "N", "N"], ["N", "N", "N"], usable=[True, False, True])
    assert exemplars([part], BeatRef(record="100", beat=0)).predicted_class.ref.beat == 2


def test_an_unknown_beat_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="beat 9"):
        exemplars([make_predictions(["N"], ["N"])], BeatRef(record="100", beat=9))
