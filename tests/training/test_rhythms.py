"""Drawn rhythms: seeded, finite, irregular as fibrillation is; blocks drop whole beats."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.features.rr import RR_FEATURES, RR_IRREGULARITY, rr_features
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.schema import Peaks
from ecgcore.training import rhythms as module
from ecgcore.training.rhythms import (
    bigeminy,
    block,
    breathing,
    drawn_features,
    ectopy,
    fibrillation,
    mostly_atrial,
    ventricular_features,
    wide_fibrillation,
)

NAMES = ("log_pre_global", "log_pre_local", *RR_IRREGULARITY)
BOTH = ("fibrillation", "block")
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RHYTHMS", 12)
    monkeypatch.setattr(module, "_BEATS", 200)


def _irregularity(rr: np.ndarray) -> np.ndarray:
    sample = np.cumsum(rr * 360).round().astype(np.int64)
    return rr_features(Peaks(sample=sample, source="made", fs=360.0), RR_IRREGULARITY).values


def test_every_feature_is_finite_and_the_seed_s_own(few: None) -> None:
    names = tuple(RR_FEATURES)
    one = drawn_features(names, BOTH, 1)
    assert one.shape[1] == len(names)
    assert one.dtype == np.float32
    assert np.isfinite(one).all()
    np.testing.assert_array_equal(one, drawn_features(names, BOTH, 1))
    other = drawn_features(names, BOTH, 2)
    assert one.shape != other.shape or not np.allclose(one, other)


def test_the_order_of_names_is_that_of_columns(few: None) -> None:
    both = drawn_features(NAMES, BOTH, 1)
    np.testing.assert_array_equal(drawn_features(NAMES[::-1], BOTH, 1), both[:, ::-1])


def test_early_beats_are_left_out_and_count_for_the_intervals(
    few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rr = np.full(200, 0.8)
    rr[50::10] = 0.5

    def drawn(_rng: np.random.Generator, beats: int):
        return rr[:beats], rr[:beats] == 0.8

    monkeypatch.setitem(module._DRAW, "fibrillation", drawn)
    found = drawn_features(("pre", "post"), ("fibrillation",), 0)
    assert len(found) == 12 * (rr == 0.8).sum()
    assert found[:, 0].min() == pytest.approx(0.8, abs=0.01)
    assert found[:, 1].min() == pytest.approx(0.5, abs=0.01)  # the one after is early


@settings(max_examples=20)
@given(seed=seeds)
def test_fibrillation_is_irregular_everywhere(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rr, normal = fibrillation(rng, 400)
    assert rr.shape == normal.shape == (400,)
    assert normal.mean() > 0.8
    assert (rr > 0.1).all()
    assert (rr < 10).all()
    # Next to uncorrelated, as the ventricular response is (Bootsma et al. 1970).
    assert abs(np.corrcoef(rr[:-1], rr[1:])[0, 1]) < 0.25


def test_fibrillation_is_far_more_irregular_than_sinus_rhythm() -> None:
    rng = np.random.default_rng(0)
    drawn = np.array(
        [np.median(_irregularity(fibrillation(rng, 300)[0]), axis=0) for _ in range(30)]
    )
    sinus = np.array([np.median(_irregularity(module._sinus(rng, 300)), axis=0) for _ in range(30)])
    assert (np.median(drawn, axis=0) > 3 * np.median(sinus, axis=0)).all()


@settings(max_examples=20)
@given(seed=seeds)
def test_a_block_s_intervals_are_sums_of_sinus_ones(seed: int) -> None:
    class Calm:
        """Draws as NumPy's, but a sinus rhythm that neither breathes, drifts nor jitters."""

        def __init__(self) -> None:
            self.rng = np.random.default_rng(seed)

        def uniform(self, low: float, high: float) -> float:
            return 0.0 if (low, high) in ((0, 0.03), (0.03, 0.15)) else self.rng.uniform(low, high)

        def normal(self, _mean: float, _spread: float, size: int) -> np.ndarray:
            return np.zeros(size)

        def random(self) -> float:
            return self.rng.random()

    rr, normal = block(Calm(), 300)  # type: ignore[arg-type]
    times = rr / rr.min()
    assert normal.all()
    np.testing.assert_allclose(times, np.round(times), atol=1e-9)
    assert set(np.round(times).astype(int)) <= {1, 2, 3}
    assert 0.5 <= rr.min() <= 0.95 or set(np.round(times)) == {1.0}


def test_blocks_drop_beats() -> None:
    rng = np.random.default_rng(0)
    most = [np.max(rr) / np.median(rr) for rr, _ in (block(rng, 400) for _ in range(20))]
    assert np.median(most) > 1.6


@settings(max_examples=20)
@given(seed=seeds)
def test_ventricular_beats_are_early_and_what_follows_them_pauses(seed: int) -> None:
    """Over forty rhythms: in a single one early atrial beats may follow most ventricular ones."""
    rng = np.random.default_rng(seed)
    before_over_after = []
    for _ in range(40):
        rr, ventricular = ectopy(rng, 300)
        assert rr.shape == ventricular.shape == (300,)
        assert np.isfinite(rr).all()
        assert (rr > 0).all()
        assert ventricular.mean() < 0.4
        single = np.flatnonzero(ventricular[1:-1] & ~ventricular[2:] & ~ventricular[:-2]) + 1
        before_over_after += list(rr[single] / rr[single + 1])
    assert len(before_over_after) > 100
    assert np.median(before_over_after) < 0.9


def test_ventricular_features_are_those_of_the_ventricular_beats(
    few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rr = np.full(200, 0.8)
    rr[50::10] = 0.5
    monkeypatch.setattr(module, "ectopy", lambda _rng, beats: (rr[:beats], rr[:beats] == 0.5))
    found = ventricular_features(("pre", "post"), 0)
    assert len(found) == 12 * (rr == 0.5).sum()
    np.testing.assert_allclose(found, [[0.5, 0.8]] * len(found), atol=0.01)


def test_ventricular_features_are_finite_and_the_seed_s_own(few: None) -> None:
    one = ventricular_features(tuple(RR_FEATURES), 1)
    assert one.dtype == np.float32
    assert np.isfinite(one).all()
    np.testing.assert_array_equal(one, ventricular_features(tuple(RR_FEATURES), 1))


def test_drawn_fibrillation_is_as_irregular_as_real_ones(mitdb) -> None:
    """Real stretches in fibrillation are irregular beyond sinus rhythms, as the drawn ones are."""
    rng = np.random.default_rng(1)
    drawn = [np.median(_irregularity(fibrillation(rng, 300)[0]), axis=0) for _ in range(40)]
    sinus = [np.median(_irregularity(module._sinus(rng, 300)), axis=0) for _ in range(40)]
    for name in ("201", "203"):
        peaks = annotated_peaks(read_record(mitdb, name, stop=360 * 300))
        real = np.median(rr_features(peaks, RR_IRREGULARITY).values, axis=0)
        apart = [np.abs(np.log(np.array(each)) - np.log(real)) for each in (drawn, sinus)]
        assert (np.median(apart[0], axis=0) < np.median(apart[1], axis=0)).all()


def test_kinds_are_taken_in_turn(few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def of(name: str):
        return lambda _rng, beats: (order.append(name), (np.full(beats, 0.8), _all(beats)))[1]

    order: list[str] = []
    for name in BOTH:
        monkeypatch.setitem(module._DRAW, name, of(name))
    drawn_features(NAMES, ("fibrillation", "fibrillation", "block"), 0)
    assert order == ["fibrillation", "fibrillation", "block"] * 4


def _all(beats: int) -> np.ndarray:
    return np.ones(beats, dtype=np.bool_)


@settings(max_examples=20)
@given(seed=seeds)
def test_wide_fibrillation_spreads_as_patients_do_and_is_uncorrelated(seed: int) -> None:
    rr, normal = wide_fibrillation(np.random.default_rng(seed), 600)
    assert rr.shape == normal.shape == (600,)
    assert rr.min() >= 0.28
    assert 0.06 < np.std(rr) / np.mean(rr) < 0.45
    assert abs(np.corrcoef(rr[:-1], rr[1:])[0, 1]) < 0.25


def test_wide_fibrillation_is_nearer_to_real_ones(mitdb) -> None:
    rng = np.random.default_rng(1)
    wide, narrow = (
        np.median([_spread(draw(rng, 300)[0]) for _ in range(60)])
        for draw in (wide_fibrillation, fibrillation)
    )
    for name in ("201", "203"):
        peaks = annotated_peaks(read_record(mitdb, name, stop=360 * 300))
        real = _spread(np.diff(peaks.sample) / peaks.fs)
        assert abs(np.log(wide / real)) < abs(np.log(narrow / real))


def _spread(rr: np.ndarray) -> float:
    return float(np.std(np.log(rr)))


@settings(max_examples=20)
@given(seed=seeds)
def test_normal_beats_of_bigeminy_are_late_after_early_ones(seed: int) -> None:
    """Over forty rhythms, as a single one may have hardly an ectopic beat."""
    rng = np.random.default_rng(seed)
    early, late, share = [], [], []
    for _ in range(40):
        rr, normal = bigeminy(rng, 300)
        assert rr.shape == normal.shape == (300,)
        assert (rr > 0).all()
        single = np.flatnonzero(~normal[1:-1] & normal[2:] & normal[:-2]) + 1
        early += list(rr[single])
        late += list(rr[single + 1])
        share.append(1 - normal.mean())
    assert max(share) > 0.25
    assert np.median(np.array(early) / np.array(late)) < 0.8


@settings(max_examples=20)
@given(seed=seeds)
def test_breathing_swings_and_all_its_beats_are_normal(seed: int) -> None:
    rr, normal = breathing(np.random.default_rng(seed), 400)
    assert normal.all()
    assert (rr > 0.2).all()
    assert np.std(np.log(rr)) > 0.03


@settings(max_examples=30)
@given(seed=seeds, share=st.floats(0.3, 0.85))
def test_most_atrial_beats_come_early(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    found, pairs = [], []
    for _ in range(20):
        rr, atrial = mostly_atrial(rng, 400, share)
        assert rr.shape == atrial.shape == (400,)
        assert (rr > 0).all()
        found.append(atrial.mean())
        pairs += list(rr[1:][atrial[1:] & ~atrial[:-1]] / rr[:-1][atrial[1:] & ~atrial[:-1]])
    assert np.mean(found) == pytest.approx(share, abs=0.12)
    assert np.median(pairs) < 0.97
