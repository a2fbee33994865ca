"""Figures of beats, rhythm and spectrograms: what they draw is what they were given."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from ecgcore.features.pooling import MOST_COLUMNS
from ecgcore.features.rr import rr_features
from ecgcore.features.shapes import ClassShape
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.features.stretch import stretch_spectrogram
from ecgcore.plots.beats import beats_figure
from ecgcore.plots.rhythm import poincare, tachogram
from ecgcore.plots.spectrogram import colour_limits, spectrogram_figure
from ecgcore.plots.theme import AAMI_COLOURS, THEMES
from ecgcore.schema import FloatArray, Peaks
from tests.make_record import make_record

AXIS = np.linspace(-0.3, 0.5, 40)


@pytest.fixture(params=list(THEMES))
def theme(request):
    return THEMES[request.param]


def shape(name: str, count: int) -> ClassShape:
    wave: FloatArray = np.random.default_rng(count).normal(size=40).astype(np.float32)
    return ClassShape(
        name=name,
        count=count,
        left_out=0,
        mean=wave,
        low=wave - 1,
        high=wave + 1,
        examples=np.stack([wave, wave + 0.1]),
        example_beats=np.array([0, 1]),
    )


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("examples", [True, False])
def test_every_class_shows_its_mean_in_its_colour(theme, apart, examples) -> None:
    shapes = (shape("N", 900), shape("V", 30))
    figure = beats_figure(
        shapes, AXIS, theme, axis_title="time (s)", value_title="MLII (mV)", apart=apart,
        examples=examples,
    )  # fmt: skip
    for part in shapes:
        (mean,) = [t for t in figure.data if t.name == f"{part.name} · {part.count}"]
        np.testing.assert_array_equal(mean.y, part.mean)
        assert mean.line.color == AAMI_COLOURS[part.name]
    assert figure.layout.yaxis.title.text == "MLII (mV)"
    assert any(note.text == "time (s)" for note in figure.layout.annotations)


def test_means_of_few_beats_are_there_but_switched_off(theme) -> None:
    shapes = (shape("N", 900), shape("Q", 2))
    labels = {"axis_title": "time (s)", "value_title": "mV"}
    together = beats_figure(shapes, AXIS, theme, **labels)
    assert {t.visible for t in together.data if t.legendgroup == "Q · 2"} == {"legendonly"}
    only = beats_figure(shapes[1:], AXIS, theme, **labels)
    assert all(t.visible is True for t in only.data)
    apart = beats_figure(shapes, AXIS, theme, apart=True, **labels)
    assert all(t.visible in (True, None) for t in apart.data)


def annotated(count: int) -> Peaks:
    _, peaks = make_record(count)
    names = np.array(list("NNNSV"))[np.arange(count) % 5]
    return replace(peaks, aami=names, symbol=names)


@pytest.mark.parametrize("count", [60, 2700])
def test_a_point_knows_its_beat(theme, count) -> None:
    sample = np.cumsum(np.random.default_rng(0).integers(200, 400, count))
    names = np.array(list("NNNSV"))[np.arange(count) % 5]
    peaks = Peaks(sample=sample, source="atr", fs=360.0, aami=names, symbol=names)
    rr = rr_features(peaks, ("pre", "post"))
    pre, post = rr.column("pre"), rr.column("post")
    for figure, beats in (
        (tachogram(peaks, pre, theme), range(1, count)),
        (poincare(peaks, pre, post, theme), range(1, count - 1)),
    ):
        points = [t for t in figure.data if t.mode == "markers"]
        found = np.concatenate([t.customdata for t in points])
        assert sorted(found.tolist()) == list(beats)
        for trace in points:
            assert set(names[np.asarray(trace.customdata)]) == {trace.name}
    ventricular = next(t for t in figure.data if t.name == "V")
    np.testing.assert_allclose(ventricular.x, pre[ventricular.customdata])
    np.testing.assert_allclose(ventricular.y, post[ventricular.customdata])


def test_the_chosen_beat_is_ringed(theme) -> None:
    peaks = annotated(60)
    pre = rr_features(peaks, ("pre",)).column("pre")
    (ring,) = [t for t in tachogram(peaks, pre, theme, chosen=7).data if t.name == "beat chosen"]
    assert ring.y[0] == pytest.approx(pre[7])
    assert len(tachogram(peaks, pre, theme, chosen=600).data) == len(
        tachogram(peaks, pre, theme).data
    )


def test_gaps_do_not_press_the_axis_together(theme) -> None:
    sample = np.cumsum(np.r_[np.full(50, 300), 300_000, np.full(50, 310)])
    peaks = Peaks(sample=sample, source="atr", fs=360.0)
    pre = rr_features(peaks, ("pre",)).column("pre")
    assert tachogram(peaks, pre, theme).layout.yaxis.range[1] < 2


def test_signal_and_power_share_the_time_axis(theme) -> None:
    record, peaks = make_record(40)
    x = record.lead()
    spec = SpectrogramSpec(length=0.2, overlap=0.99)
    found = stretch_spectrogram(x, record.fs, 360, 3600, spec)
    figure = spectrogram_figure(
        found, x[360:3600], record.fs, 1.0, theme, lead="MLII", unit="mV",
        limits=(-60, 0), peaks=peaks,
    )  # fmt: skip
    (heat,) = [t for t in figure.data if isinstance(t, go.Heatmap)]
    assert heat.x0 >= 1.0
    assert heat.x0 + heat.dx * heat.z.shape[1] <= 10.0 + 2 * heat.dx
    assert heat.z.shape == (found.frequency.size, found.time.size)
    assert heat.z.shape[1] <= MOST_COLUMNS
    assert heat.colorbar.title.text == "dB re 1 mV²/Hz"
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range == (1.0, 10.0)
    assert figure.layout.yaxis.title.text == "MLII (mV)"
    assert "Hz" in figure.layout.yaxis2.title.text
    marked = next(t for t in figure.data if t.mode == "markers+text")
    inside = (peaks.sample >= 360) & (peaks.sample <= 3600)
    np.testing.assert_allclose(marked.x, peaks.sample[inside] / record.fs)


def test_colour_limits_ignore_gaps_and_single_cells() -> None:
    power = np.full((50, 50), -70.0, np.float32)
    power[:, :10] = -20
    power[0, 0] = 40
    power[1, 1] = np.nan
    assert colour_limits(power, "dB re 1 mV²/Hz", 50) == (-70.0, -20.0)
    assert colour_limits(np.full((2, 2), np.nan, np.float32), "dB", 50) == (0.0, 1.0)
    low, high = colour_limits(np.abs(power), "mV²/Hz", 50)
    assert low == 0 < high


def test_a_day_of_beats_stays_small_and_loses_no_extreme():
    rng = np.random.default_rng(0)
    rr = rng.normal(100, 6, 110_000).round().clip(60).astype(np.int64)
    rr[70_000] = 200
    sample = np.cumsum(rr)
    aami = np.full(sample.size, "N")
    aami[::5] = "S"
    peaks = Peaks(sample=sample, source="atr", fs=128.0, symbol=aami, aami=aami)
    pre = (np.concatenate(([100], rr[1:])) / 128).astype(np.float32)
    post = np.append(pre[1:], pre[0])
    theme = THEMES["light"]
    along, cloud = tachogram(peaks, pre, theme), poincare(peaks, pre, post, theme)
    assert len(along.to_json()) < 200_000
    assert len(cloud.to_json()) < 200_000
    drawn = np.concatenate([t.customdata for t in along.data if t.customdata is not None])
    assert 70_000 in drawn
    points = [t for t in cloud.data if t.customdata is not None]
    for trace in points:
        np.testing.assert_array_equal(trace.x, pre[trace.customdata])
        assert set(aami[trace.customdata]) == {trace.name}
    assert any(70_000 in trace.customdata for trace in points)
