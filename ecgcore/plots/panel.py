"""One beat in its surroundings: what the figures of explanation and comparison are drawn from."""

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from ecgcore.dsp.decimate import min_max
from ecgcore.plots.theme import Theme, class_colour
from ecgcore.schema import (
    DoubleArray,
    Explanation,
    FloatArray,
    IntArray,
    Peaks,
    Recording,
    StrArray,
    choose_lead,
)

_LETTER_PX: Final = 6.0  # of the small font, on average; 7 of a capital, 3 of a space
_GAP_PX: Final = 4.0


@dataclass(frozen=True, kw_only=True, eq=False)
class BeatPanel:
    """A beat, its neighbours and its explanation. Times are s from the beat's R-peak."""

    record: Recording
    lead: str
    peaks: Peaks  # b of them
    beat: int
    predicted: StrArray  # (b,)
    truth: StrArray | None  # (b,), "" where unknown
    explanation: Explanation
    classes: tuple[str, ...]
    title: str = ""
    context: int = 3  # beats shown on either side
    median: FloatArray | None = None  # (points,), mV: the record's median beat over the window
    picture: FloatArray | None = None  # (rows, times): what the network saw, on the tile's axes
    window: tuple[float, float] = (0.0, 0.0)  # absolute sample of the input's first, last point

    @property
    def unit(self) -> str:
        """Unit of the lead: "mV", or "uncalibrated"."""
        header = self.record.header
        return header.units[choose_lead(header.leads, self.lead)]

    @property
    def at(self) -> int:
        """Absolute sample of the R-peak."""
        return int(self.peaks.sample[self.beat])

    @property
    def neighbours(self) -> IntArray:
        """Indices of the beats shown, this one among them."""
        first = max(0, self.beat - self.context)
        return np.arange(first, min(len(self.peaks), self.beat + self.context + 1), dtype=np.int64)

    @property
    def span(self) -> tuple[float, float]:
        """Time of the surroundings' edges: the outermost beats and 0.4 s more."""
        sample = self.peaks.sample[self.neighbours[[0, -1]]]
        low, high = (sample - self.at) / self.record.fs
        return float(low) - 0.4, float(high) + 0.4

    @property
    def close(self) -> tuple[float, float]:
        """Time of the input window's edges."""
        low, high = ((edge - self.at) / self.record.fs for edge in self.window)
        return float(low), float(high)

    def trace(self, span: tuple[float, float]) -> tuple[DoubleArray, FloatArray]:
        """Return time (n,) and signal (n,), mV, of a span, as far as the recording reaches."""
        fs = self.record.fs
        first = max(self.record.start, self.at + int(np.floor(span[0] * fs)))
        last = min(self.record.stop, self.at + int(np.ceil(span[1] * fs)) + 1)
        here = slice(first - self.record.start, max(first, last) - self.record.start)
        values = self.record.lead(self.lead)[here]
        return (np.arange(values.size) + first - self.at) / fs, values

    @cached_property
    def surroundings(self) -> tuple[DoubleArray, FloatArray]:
        """``trace`` of ``span``; read once, as a recording's lead may be on the disk."""
        return self.trace(self.span)

    @cached_property
    def level(self) -> float:
        """The signal's median over the surroundings, mV: what is drawn as zero."""
        values = self.surroundings[1]
        finite = values[np.isfinite(values)]
        return float(np.median(finite)) if finite.size else 0.0

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest signal of the surroundings, mV less the level."""
        values = self.surroundings[1]
        finite = values[np.isfinite(values)]
        if not finite.size:
            return -0.5, 0.5
        low, high = float(finite.min()) - self.level, float(finite.max()) - self.level
        return (low, high) if high - low > 0.1 else (low - 0.1, high + 0.1)

    def heat(self) -> tuple[DoubleArray, FloatArray, FloatArray]:
        """Return time (n,), signal (n,), mV less the level, and saliency (n,) of the map."""
        first = self.explanation.start_sample
        time = (np.arange(self.explanation.values.size) + first - self.at) / self.record.fs
        start = first - self.record.start
        values = self.record.lead(self.lead)[start : start + time.size]
        return time, values - np.float32(self.level), self.explanation.values

    def name(self, beat: int) -> str:
        """Return a beat's class as text: the true one, and the predicted one where it differs."""
        predicted = str(self.predicted[beat])
        truth = "" if self.truth is None else str(self.truth[beat])
        return escape(predicted if truth in ("", predicted) else f"{truth} → {predicted}")


def draw_context(
    figure: go.Figure,
    panel: BeatPanel,
    theme: Theme,
    *,
    limits: tuple[float, float],
    row: int,
    col: int,
    points: int = 2_000,
    seconds: float | None = None,
    width: float = 540,
) -> None:
    """Draw the surroundings: trace, the input's window, R-peaks with classes, RR intervals.

    ``points``: of the trace that are drawn, two for each column of pixels. ``limits`` are the
    lowest and highest mV (less the level) of the traces that share the axis: the RR intervals
    stand below, the classes above. ``seconds`` that the axis shows, by default the panel's span,
    over ``width`` px: classes that would be written over one another are left to the pointer.
    """
    margin = 0.12 * (limits[1] - limits[0])
    time, values = panel.surroundings
    index, value = min_max(values - np.float32(panel.level), points)
    place = {"row": row, "col": col}
    figure.add_trace(
        go.Scatter(
            x=time[index].astype(np.float32),
            y=value,
            mode="lines",
            line={"color": theme.trace, "width": 1},
            hovertemplate="%{x:.3f} s · %{y:.3f} " + escape(panel.unit) + "<extra></extra>",
            showlegend=False,
        ),
        **place,
    )
    low, high = panel.close
    figure.add_vrect(x0=low, x1=high, fillcolor=theme.band, line_width=0, layer="below", **place)
    shown = panel.neighbours
    peak = (panel.peaks.sample[shown] - panel.at) / panel.record.fs
    name = [panel.name(int(k)) for k in shown]
    wrong = ["→" in text for text in name]
    # Short names (AAMI's letters) have room over every beat, people's only over the chosen one.
    brief = all(len(text) <= 2 for text in panel.classes)
    here = int(panel.beat - shown[0])
    room = (panel.span[1] - panel.span[0] if seconds is None else seconds) / width
    clear = _with_room(peak, name, here, room) if brief else {here}
    said = [
        f"<b>{text}</b>" if k == here else text if k in clear else "" for k, text in enumerate(name)
    ]
    figure.add_trace(
        go.Scatter(
            x=peak,
            y=np.full(peak.size, limits[1] + margin),
            mode="markers+text",
            text=said,
            textposition="top center",
            cliponaxis=False,
            textfont={
                "size": 11,
                "color": [theme.alarm if bad else theme.text for bad in wrong],
            },
            marker={
                "symbol": "triangle-down",
                "size": 8,
                "color": [class_colour(str(panel.predicted[k]), panel.classes) for k in shown],
            },
            customdata=np.array([shown.astype(str), name]).T,
            hovertemplate="beat %{customdata[0]} · %{customdata[1]}<extra></extra>",
            showlegend=False,
        ),
        **place,
    )
    _intervals(figure, panel, peak, theme, limits[0] - 1.6 * margin, place)


def _with_room(peak: DoubleArray, name: list[str], here: int, pixel: float) -> set[int]:
    """Return which names (b,) over ``peak`` (b,), s, can be written: this one, the nearest first.

    ``pixel`` is its width in s.
    """
    half = np.array([len(text) * _LETTER_PX / 2 + _GAP_PX / 2 for text in name]) * pixel
    kept: set[int] = set()
    for k in sorted(range(len(name)), key=lambda k: abs(k - here)):
        if all(abs(peak[k] - peak[other]) >= half[k] + half[other] for other in kept):
            kept.add(k)
    return kept


def _intervals(
    figure: go.Figure,
    panel: BeatPanel,
    peak: DoubleArray,
    theme: Theme,
    bottom: float,
    place: dict[str, int],
) -> None:
    here = int(panel.beat - panel.neighbours[0])
    before = f"{peak[here] - peak[here - 1]:.2f}" if here else "–"
    after = f"{peak[here + 1] - peak[here]:.2f}" if here + 1 < peak.size else "–"
    # One text for both: beside one another they would overlap in a narrow column.
    figure.add_trace(
        go.Scatter(
            x=[0],
            y=[bottom],
            mode="text",
            text=[f"RR {before} | {after} s"],
            textfont={"size": 11, "color": theme.note},
            hoverinfo="skip",
            showlegend=False,
        ),
        **place,
    )
