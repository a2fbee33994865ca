"""RR features: identities, invariances, edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.errors import EcgError, RecordError
from ecgcore.features.intervals import intervals
from ecgcore.features.rr import RR_FEATURES, RR_IRREGULARITY, RR_LOG_RATIOS, RR_SEVEN, rr_features
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record
from ecgcore.schema import Peaks

ALL = tuple(RR_FEATURES)
RATIOS = tuple(name for name, feature in RR_FEATURES.items() if feature.unit == "")

steps = st.lists(st.integers(1, 3000), min_size=1, max_size=80)


def peaks_of(between: list[int] | np.ndarray, fs: float = 360.0, first: int = 1000) -> Peaks:
    sample = first + np.concatenate(([0], np.cumsum(between)))
    return Peaks(sample=sample.astype(np.int64), source="test", fs=fs)


@given(steps)
def test_always_finite_and_one_row_a_beat(between: list[int]) -> None:
    found = rr_features(peaks_of(between), ALL)
    assert found.values.shape == (len(between) + 1, len(ALL))
    assert found.values.dtype == np.float32
    assert np.isfinite(found.values).all()


@given(steps)
def test_the_intervals_add_up_to_the_span(between: list[int]) -> None:
    peaks = peaks_of(between)
    found = rr_features(peaks, ("pre", "post"))
    span = (peaks.sample[-1] - peaks.sample[0]) / peaks.fs
    assert found.column("pre")[1:].sum(dtype=float) == pytest.approx(span, rel=1e-5)
    assert np.array_equal(found.column("pre")[1:], found.column("post")[:-1])


@given(steps, st.floats(50, 2000), st.integers(0, 10**7))
def test_ratios_know_neither_the_sampling_rate_nor_the_time_of_day(
    between: list[int], fs: float, first: int
) -> None:
    here = rr_features(peaks_of(between), RATIOS).values
    there = rr_features(peaks_of(between, fs=fs, first=first), RATIOS).values
    np.testing.assert_allclose(here, there, rtol=1e-4, atol=1e-5)


@given(steps)
def test_intervals_in_seconds_scale_with_the_rate(between: list[int]) -> None:
    seconds = tuple(name for name in ALL if name not in RATIOS)
    slow = rr_features(peaks_of(between, fs=180.0), seconds).values
    fast = rr_features(peaks_of(between, fs=360.0), seconds).values
    np.testing.assert_allclose(slow, 2 * fast, rtol=1e-4, atol=1e-5)


@given(steps)
def test_features_agree_with_each_other(between: list[int]) -> None:
    found = rr_features(peaks_of(between), ALL)
    pre, post = found.column("pre"), found.column("post")
    mean, local = found.column("global_mean"), found.column("local_mean")
    close = {"rtol": 1e-3, "atol": 1e-4}
    np.testing.assert_allclose(found.column("pre_minus_global"), pre - mean, **close)
    np.testing.assert_allclose(found.column("pre_over_global") * mean, pre, **close)
    np.testing.assert_allclose(np.exp(found.column("log_pre_post")) * post, pre, **close)
    np.testing.assert_allclose(np.exp(found.column("log_pre_local")) * local, pre, **close)
    np.testing.assert_allclose(found.column("pre_over_post"), pre / post, **close)


def test_local_mean_is_over_the_last_ten() -> None:
    between = np.random.default_rng(1).integers(200, 500, 60)
    pre = rr_features(peaks_of(between), ("pre", "local_mean"))
    expected = [pre.column("pre")[max(k - 9, 0) : k + 1].mean() for k in range(61)]
    np.testing.assert_allclose(pre.column("local_mean"), expected, rtol=1e-5)


def test_edges_are_the_median() -> None:
    between = np.array([300, 310, 290, 305, 600])
    found = rr_features(peaks_of(between), ("pre", "post"))
    median = np.median(between) / 360
    assert found.column("pre")[0] == pytest.approx(median)
    assert found.column("post")[-1] == pytest.approx(median)


def test_a_gap_moves_neither_the_mean_nor_the_surroundings() -> None:
    between = np.full(80, 300)
    between[40] = 30_000
    rr = intervals(peaks_of(between))
    assert rr.global_mean == pytest.approx(300 / 360)
    assert (~rr.regular).sum() == 1
    assert np.allclose(rr_features(peaks_of(between), RR_IRREGULARITY).values, 0, atol=1e-6)


@pytest.mark.parametrize("gap", [30_000, 40])
def test_a_gap_touches_only_its_two_beats(gap: int) -> None:
    between = np.random.default_rng(2).integers(280, 320, 80)
    ordinary = rr_features(peaks_of(between), ALL).values
    between[40] = gap
    moved = rr_features(peaks_of(between), ALL).values
    away = np.delete(np.arange(81), [40, 41])
    # Mean and median of 80 and of 79 intervals of 280 to 320 samples differ by far less than 1 %.
    ratios = [ALL.index(name) for name in ("log_pre_local", "pre_over_local", "local_mean")]
    np.testing.assert_allclose(moved[away][:, ratios], ordinary[away][:, ratios], atol=0.02)
    assert np.abs(moved[41, ratios[0]]) > 1


def test_nothing_but_gaps_before_leaves_the_median() -> None:
    between = np.array([*[300] * 20, *[9_000] * 11, *[300] * 20])
    assert intervals(peaks_of(between)).local_mean[31] == pytest.approx(300 / 360)


def test_after_the_pause_of_207_no_beat_is_called_premature(mitdb: Database) -> None:
    """207 has 100 s of flutter without beats; the beats after it are no ten-fold early."""
    peaks = annotated_peaks(read_record(mitdb, "207"))
    after = int(np.diff(peaks.sample).argmax()) + 1
    early = rr_features(peaks, ("log_pre_local",)).column("log_pre_local")
    assert np.abs(early[after + 1 : after + 10]).max() < 1


def test_surroundings_leave_the_beat_itself_out() -> None:
    between = np.full(80, 300)
    between[40], between[41] = 200, 400  # beat 41 is early, with a compensatory pause
    found = rr_features(peaks_of(between), ALL)
    irregular = np.stack([found.column(name) for name in RR_IRREGULARITY], axis=1)
    assert np.allclose(irregular[41], 0, atol=1e-6)
    assert irregular[45, 1] > 0  # its neighbour sees it
    assert irregular[45, 2] > 0
    assert found.column("log_pre_global")[41] == found.column("log_pre_global").min()


def test_irregularity_tells_fibrillation_from_ectopy() -> None:
    generator = np.random.default_rng(5)
    regular = np.full(200, 300) + generator.integers(-5, 6, 200)
    regular[50::60] = 200
    regular[51::60] = 400
    fibrillation = generator.integers(180, 480, 200)
    names = RR_IRREGULARITY
    ectopic = rr_features(peaks_of(regular), names).values
    chaotic = rr_features(peaks_of(fibrillation), names).values
    assert (np.median(chaotic, axis=0) > np.median(ectopic, axis=0)).all()
    assert chaotic[:, 0].min() > ectopic[:, 0].max()


def test_scatter_tells_fibrillation_from_bigeminy() -> None:
    """Bigeminy is as irregular by its steps, and has two pairs of intervals alone."""
    generator = np.random.default_rng(5)
    jitter = generator.integers(-3, 4, 200)
    bigeminy = np.where(np.arange(200) % 2, 200, 400) + jitter
    chaotic = generator.integers(180, 480, 200)
    names = ("local_scatter", "local_log_spread")
    two, many = (rr_features(peaks_of(each), names).values for each in (bigeminy, chaotic))
    assert two[:, 1].min() > 0.25
    assert many[:, 0].min() > two[:, 0].max() + 1


def test_scatter_is_the_log_of_a_pair_s_distance_to_its_third_nearest() -> None:
    between = np.full(100, 300)
    between[40:60] = np.random.default_rng(1).integers(200, 400, 20)
    log = np.log(between / 360)
    pairs = np.stack((log[:-1], log[1:]), axis=1)
    third = []
    for k, pair in enumerate(pairs):
        near = [j for j in range(max(k - 40, 0), min(k + 41, len(pairs))) if j != k]
        third.append(np.sort(np.hypot(*(pairs[near] - pair).T))[2])
    found = rr_features(peaks_of(between), ("local_scatter",)).values[:, 0]
    for beat in (1, 30, 50, 77, 99):
        around = third[max(beat - 1 - 40, 0) : beat - 1 + 41]
        assert found[beat] == pytest.approx(np.log(np.median(around) + 0.005), abs=1e-5)


def test_scatter_of_few_beats_says_nothing() -> None:
    few = rr_features(peaks_of([300, 200, 400, 250, 310] * 4), ("local_scatter",)).values
    np.testing.assert_allclose(few, np.log(0.005), atol=1e-5)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_beats_are_said(count: int) -> None:
    peaks = Peaks(sample=np.arange(count, dtype=np.int64), source="test", fs=360.0)
    with pytest.raises(RecordError, match="not available"):
        rr_features(peaks)


def test_an_unknown_name_is_answered_with_the_list() -> None:
    with pytest.raises(EcgError, match=r"'heart_rate'.*log_pre_global"):
        rr_features(peaks_of([300]), ("pre", "heart_rate"))


def test_no_names_give_no_columns() -> None:
    assert rr_features(peaks_of([300, 300]), ()).values.shape == (3, 0)


def test_named_groups_are_in_the_registry() -> None:
    assert set(RR_SEVEN) | set(RR_LOG_RATIOS) | set(RR_IRREGULARITY) <= set(ALL)
    assert len(RR_SEVEN) == 7
