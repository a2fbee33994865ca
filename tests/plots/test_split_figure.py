import numpy as np
import pytest

from ecgcore.explain.split import Part, Split
from ecgcore.plots.heat import coloured_trace, colours_of
from ecgcore.plots.probability import probability_figure
from ecgcore.plots.split import split_figure
from ecgcore.plots.theme import DARK, LIGHT

SPLIT = Split(
    target="<S>",
    start=-1.0,
    score=2.5,
    parts=(
        Part(name="the beat's waveform", kind="morphology", logits=-0.5),
        Part(name="pre-RR", kind="rhythm", logits=1.0, value=0.4, usual=0.8, unit="s"),
        Part(name="pre / mean", kind="rhythm", logits=3.0, value=0.5, usual=1.0),
    ),
    reference="the record's own median beat",
)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_bar_for_each_part_and_for_both_kinds(theme):
    bars, _ = split_figure(SPLIT, theme).data
    assert list(bars.x) == [-0.5, 4.0, 3.0, 1.0]  # morphology alone, rhythm, its parts by size
    assert bars.y[0] == "<b>Morphology</b>"
    assert "0.40 s, usually 0.80 s" in bars.y[3]
    colours = bars.marker.color
    assert colours[0] == theme.signed[0] != colours[1] == theme.signed[-1]


def test_names_from_files_are_escaped_and_both_ends_are_said():
    title = split_figure(SPLIT, LIGHT).layout.xaxis.title.text
    assert "&lt;S&gt;" in title
    assert "−1.00 to +2.50" in title


def test_what_was_recorded_is_marked_on_its_own_bar():
    figure = split_figure(SPLIT, LIGHT, recorded=SPLIT)
    bars, words, marks = figure.data
    assert (np.asarray(words.x) >= np.asarray(marks.x)).all()
    assert list(marks.y) == list(bars.y)
    np.testing.assert_allclose(marks.x, bars.x)


def test_signed_colours_run_over_a_neutral_middle():
    value = np.array([-1.0, -1.0, 0.0, 0.0, 1.0, 1.0], np.float32)
    time = np.arange(6) / 100
    _, *pieces = coloured_trace(time, value, value, LIGHT, signed=True)
    scale = colours_of(LIGHT, True)
    assert [place for place, _ in scale] == [0, 0.25, 0.5, 0.75, 1]
    assert len({piece.line.color for piece in pieces}) == 5
    # the same values unsigned: all below zero is the lowest colour
    _, *others = coloured_trace(time, value, value, LIGHT)
    assert len({piece.line.color for piece in others}) < 5


def test_probabilities_as_recorded_are_marked():
    now, before = {"N": 0.1, "S": 0.9}, {"N": 0.7, "S": 0.3}
    bars, texts, marks = probability_figure(now, LIGHT, recorded=before).data
    assert list(texts.x) == [0.7, 0.9]  # right of both, so that the mark strikes no figure out
    assert list(bars.x) == [0.1, 0.9]
    assert list(marks.x) == [0.7, 0.3]
    assert list(marks.y) == list(bars.y)
