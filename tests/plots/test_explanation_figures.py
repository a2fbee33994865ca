"""The figures of explanation and comparison hold what they were given, and share their axes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plotly.colors import hex_to_rgb

from ecgcore.compare.confusion import confusion
from ecgcore.plots.confusion import confusion_figure
from ecgcore.plots.heat import coloured_trace
from ecgcore.plots.panel import BeatPanel
from ecgcore.plots.probability import probability_figure
from ecgcore.plots.record_scores import record_scores_figure
from ecgcore.plots.saliency import saliency_figure
from ecgcore.plots.theme import DARK, LIGHT, contrast
from ecgcore.plots.timeline import timeline_figure
from ecgcore.plots.triptych import triptych_figure
from ecgcore.schema import Explanation
from tests.make_predictions import CLASSES, make_predictions
from tests.make_record import make_record

labels = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1)


def _panel(beat: int = 9, *, seed: int = 0, tile: bool = False, title: str = "") -> BeatPanel:
    record, peaks = make_record(seed=seed)
    first, last = int(peaks.sample[beat]) - 100, int(peaks.sample[beat]) + 140
    rng = np.random.default_rng(seed)
    names = np.array(["N"] * len(peaks))
    return BeatPanel(
        record=record,
        lead="MLII",
        peaks=peaks,
        beat=beat,
        predicted=names,
        truth=np.where(np.arange(len(peaks)) == beat, "V", "N"),
        explanation=Explanation(
            method="gradcam",
            target="N",
            prediction={"N": 0.8, "V": 0.2},
            values=rng.random(last - first + 1, dtype=np.float32),
            start_sample=first,
            fs=record.fs,
            tile=rng.random((6, 9), dtype=np.float32) if tile else None,
            frequency=np.linspace(0, 40, 6) if tile else None,
            time=np.linspace(-0.25, 0.35, 9) if tile else None,
        ),
        classes=("N", "V"),
        title=title,
        window=(float(first), float(last)),
    )


@given(st.integers(2, 300), st.integers(0, 1000))
def test_every_piece_of_the_trace_gets_the_colour_of_its_value(n, seed):
    rng = np.random.default_rng(seed)
    time, volt = np.arange(n) / 100, rng.normal(size=n).astype(np.float32)
    value = rng.random(n, dtype=np.float32)
    under, *pieces = coloured_trace(time, volt, value, LIGHT)
    np.testing.assert_array_equal(under.y, volt)
    drawn = []
    for piece in pieces:
        x, y = np.asarray(piece.x), np.asarray(piece.y)
        np.testing.assert_array_equal(np.isnan(x), np.isnan(y))
        begins = np.flatnonzero(np.isfinite(x[:-1]) & np.isfinite(x[1:]))
        np.testing.assert_allclose(x[begins + 1] - x[begins], 0.01, atol=1e-6)
        place = np.rint(x[begins] * 100).astype(int)
        np.testing.assert_array_equal(y[begins], volt[place])
        np.testing.assert_array_equal(y[begins + 1], volt[place + 1])
        steps = np.floor((value[place] + value[place + 1]) / 2 * 24)
        assert len(set(steps.clip(0, 23))) == 1
        drawn.append(place)
    np.testing.assert_array_equal(np.sort(np.concatenate(drawn)), np.arange(n - 1))
    flat = coloured_trace(time, volt, np.full(n, 0.5, np.float32), LIGHT)
    assert len(flat) == 2


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("tile", [False, True])
def test_the_map_lies_on_the_beats_own_time(theme, tile):
    panel = _panel(tile=tile)
    figure = saliency_figure(panel, theme, method="Grad-CAM")
    heats = [trace for trace in figure.data if trace.type == "heatmap"]
    assert len(heats) == 1 + tile
    strip = heats[-1]
    np.testing.assert_array_equal(np.asarray(strip.z)[0], panel.explanation.values)
    sample = np.asarray(strip.x) * panel.record.fs + panel.at
    np.testing.assert_allclose(sample[0], panel.explanation.start_sample)
    assert "Grad-CAM" in strip.colorbar.title.text
    if tile:
        np.testing.assert_allclose(heats[0].z / 100, panel.explanation.tile, atol=0.005)


def test_surroundings_show_three_beats_on_either_side_and_both_rr():
    panel = _panel()
    figure = saliency_figure(panel, LIGHT, method="Grad-CAM")
    marks = next(t for t in figure.data if t.mode == "markers+text")
    assert len(marks.x) == 7
    assert marks.text[3] == "<b>V → N</b>"
    rr = np.diff(panel.peaks.sample[panel.beat - 1 : panel.beat + 2]) / panel.record.fs
    assert any(t.text and t.text[0] == f"RR {rr[0]:.2f} | {rr[1]:.2f} s" for t in figure.data)


def test_names_of_near_beats_are_never_written_over_one_another():
    """In a third of the page a fast run of wrong beats has no room for each; this one's stays."""
    wrong = replace(_panel(), truth=np.array(["V"] * 20))
    wide = saliency_figure(wrong, LIGHT, method="Grad-CAM")
    narrow = triptych_figure([wrong, wrong, wrong], LIGHT, method="Grad-CAM")
    written = []
    for figure, pixels in ((wide, 540), (narrow, 260)):
        marks = next(t for t in figure.data if t.mode == "markers+text")
        there = [x for x, text in zip(marks.x, marks.text, strict=True) if text]
        assert marks.text[3] == "<b>V → N</b>"
        low, high = figure.layout.xaxis.range
        assert np.diff(there).min() * pixels / (high - low) >= 5 * 6  # letters of 6 px
        assert len(marks.customdata) == 7  # the pointer tells the others
        written.append(len(there))
    assert written[0] > written[1] >= 1


@pytest.mark.parametrize("beat", [0, 19])
def test_edge_beats_have_the_neighbours_there_are(beat):
    figure = saliency_figure(_panel(beat), LIGHT, method="Grad-CAM")
    marks = next(t for t in figure.data if t.mode == "markers+text")
    assert len(marks.x) == 4


@pytest.mark.parametrize("tile", [False, True])
def test_columns_of_the_triptych_share_their_axes(tile):
    panels = [_panel(9, seed=k, tile=tile, title=f"beat {k}") for k in range(3)]
    figure = triptych_figure(panels, LIGHT, method="Grad-CAM")
    for row in (1, 2, 3):
        cells = [figure.get_subplot(row, col) for col in (1, 2, 3)]
        assert len({cell.xaxis.range for cell in cells}) == 1
        assert len({cell.yaxis.range for cell in cells}) == 1
    maps = [t for t in figure.data if t.type == "heatmap"]
    assert len(maps) == 6
    assert [t.showscale for t in maps].count(True) == 2
    one = 100 if tile else 1
    assert {(t.zmin, t.zmax) for t in maps} == {(0, one), (maps[0].zmin, maps[0].zmax)}


def test_a_missing_exemplar_says_why_in_its_column():
    figure = triptych_figure([_panel(), "There is none here."], LIGHT, method="Grad-CAM")
    (note,) = [a for a in figure.layout.annotations if a.text == "There is none here."]
    domain = figure.get_subplot(1, 2).xaxis.domain
    assert domain[0] < note.x < domain[1]


@given(labels)
def test_every_cell_with_beats_can_be_clicked_and_no_other(pairs):
    truth, label = zip(*pairs, strict=True)
    matrix = confusion([make_predictions(truth, label)])
    figure = confusion_figure(matrix, LIGHT)
    heat, *texts, cells = figure.data
    assert {(t, c) for t, c, _ in cells.customdata} == set(pairs)
    for x, y, (name, predicted, count) in zip(cells.x, cells.y, cells.customdata, strict=True):
        assert (name, predicted) == (matrix.truths[y], matrix.classes[x])
        assert int(count) == pairs.count((name, predicted))
    shown = {(x, y) for trace in texts for x, y in zip(trace.x, trace.y, strict=True)}
    assert shown == {(x, y) for y, x in zip(*np.nonzero(matrix.counts), strict=True)}
    np.testing.assert_array_equal(np.isnan(np.array(heat.z, dtype=float)), matrix.counts == 0)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_share_is_written_so_that_it_can_be_read(theme):
    for part in (2, 18, 34, 50, 58, 62, 66, 70, 74, 78, 82, 98):
        matrix = confusion([make_predictions(["N"] * 100, ["N"] * part + ["V"] * (100 - part))])
        heat, *texts, _ = confusion_figure(matrix, theme).data
        faint, full = (np.array(hex_to_rgb(colour)) for _, colour in heat.colorscale)
        for trace in texts:
            for text in trace.text:
                share = float(text.split(">")[-2].split(" ")[0]) / 100
                behind = (faint + share * (full - faint)).round().astype(int)
                paper = "#" + "".join(f"{c:02x}" for c in behind)
                assert contrast(trace.textfont.color, paper) >= 4.2


def test_the_chosen_cell_is_framed():
    matrix = confusion([make_predictions(["N", "V"], ["V", "V"])])
    (frame,) = confusion_figure(matrix, DARK, chosen=("N", "V")).layout.shapes
    assert (frame.x0 + frame.x1) / 2 == CLASSES.index("V")
    assert (frame.y0 + frame.y1) / 2 == CLASSES.index("N")
    assert not confusion_figure(matrix, DARK, chosen=("?", "V")).layout.shapes


@given(labels)
def test_the_timeline_marks_exactly_the_wrong_beats(pairs):
    truth, label = zip(*pairs, strict=True)
    part = make_predictions(truth, label)
    figure = timeline_figure(part, LIGHT, beat=0)
    wrong = [k for k, (t, p) in enumerate(pairs) if t != p]
    crosses = [t for t in figure.data if t.name and "wrong" in t.name]
    assert [list(t.customdata) for t in crosses] == ([wrong] if wrong else [])
    others = [int(k) for t in figure.data if t not in crosses for k in t.customdata]
    assert not set(others) & set(wrong)


def test_a_long_timeline_stays_small():
    n = 100_000
    figure = timeline_figure(make_predictions(["N"] * n, ["N"] * n), LIGHT)
    assert sum(len(trace.x) for trace in figure.data) < 2_000


def test_probabilities_of_many_people_show_the_likeliest_and_the_true_one():
    people = {f"p{k}": k / 190 for k in range(20)}
    figure = probability_figure(people, LIGHT, truth="p0", target="p19")
    names = [str(name).split("<")[0] for name in figure.data[0].y]
    assert names[:6] == ["p19", "p18", "p17", "p16", "p15", "p14"]
    assert names[6:] == ["p0"]
    assert "true" in str(figure.data[0].y[6])
    few = probability_figure({"N": 0.1, "S": 0.9}, LIGHT)
    assert list(few.data[0].x) == [0.1, 0.9]


def test_recordings_stand_worst_first():
    figure = record_scores_figure({"a": (1, 10), "b": (7, 10), "c": (0, 10)}, LIGHT)
    assert list(figure.data[0].x) == ["b", "a", "c"]


def test_a_large_matrix_leaves_out_rows_without_beats():
    many = tuple(f"p{k}" for k in range(10))
    matrix = confusion([make_predictions(["p3", "p3", "p7"], ["p3", "p1", "p7"], classes=many)])
    figure = confusion_figure(matrix, LIGHT, chosen=("p7", "p7"))
    assert figure.layout.yaxis.ticktext == ("p3", "p7")
    assert len(figure.layout.xaxis.ticktext) == len(many)
    (frame,) = figure.layout.shapes
    assert frame.y0 < 1 < frame.y1
