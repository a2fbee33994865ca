"""Saliency on a trace: the trace's own colour, and a strip below it, on one scale.

Trace and strip say the same twice on purpose: the colour shows which wave is meant, the strip
can be read against the scale. Both are cividis from 0 to 1, or, of a map with a sign, purple over
grey to orange from −1 to 1.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from ecgcore.plots.theme import HEAT, Theme
from ecgcore.schema import DoubleArray, FloatArray

_STEPS = 24  # colours along the scale; Plotly draws a line in one colour, so one trace a step


def coloured_trace(
    time: DoubleArray,
    millivolt: FloatArray,
    value: FloatArray,
    theme: Theme,
    *,
    signed: bool = False,
) -> list[go.Scatter]:
    """Return the traces that draw a waveform (n,) in the colours of ``value`` (n,).

    Values are 0 to 1, −1 to 1 where ``signed``.

    A broad neutral line lies under the colours, so that neither end of the scale vanishes
    against the page.
    """
    under = go.Scatter(
        x=time.astype(np.float32),
        y=millivolt,
        mode="lines",
        line={"color": theme.muted, "width": 6},
        opacity=0.45,
        hoverinfo="skip",
        showlegend=False,
    )
    middle = (value[:-1] + value[1:]) / 2
    if signed:
        middle = (middle + 1) / 2
    step = np.clip((np.nan_to_num(middle) * _STEPS).astype(np.int64), 0, _STEPS - 1)
    colours = sample_colorscale(
        colours_of(theme, signed), [(k + 0.5) / _STEPS for k in range(_STEPS)]
    )
    traces = [under]
    for k in np.unique(step):
        at = np.flatnonzero(step == k)
        traces.append(
            go.Scatter(
                x=_segments(time, at),
                y=_segments(millivolt, at),
                mode="lines",
                line={"color": colours[int(k)], "width": 3},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    return traces


def colours_of(theme: Theme, signed: bool) -> Any:
    """Return the colour scale of a map."""
    if not signed:
        return HEAT
    last = len(theme.signed) - 1
    return [[k / last, colour] for k, colour in enumerate(theme.signed)]


def strip(
    time: DoubleArray | FloatArray,
    value: FloatArray,
    theme: Theme,
    *,
    title: str,
    scale: bool,
    colorbar: dict[str, object],
    signed: bool = False,
) -> go.Heatmap:
    """Return a one-row heat map of ``value`` (n,) over ``time`` (n,), s.

    Values are 0 to 1, −1 to 1 where ``signed``.
    """
    return go.Heatmap(
        x=time.astype(np.float32),
        y=[0],
        z=value[None, :],
        zmin=-1 if signed else 0,
        zmax=1,
        colorscale=colours_of(theme, signed),
        showscale=scale,
        colorbar=colorbar,
        hovertemplate=f"%{{x:.3f}} s<br>{title}: %{{z:.2f}}<extra></extra>",
    )


def _segments(x: DoubleArray | FloatArray, start: np.ndarray) -> FloatArray:
    """Return the pieces from start to start + 1, those that follow one another as one line.

    After each line there is a gap.
    """
    last = np.flatnonzero(np.append(np.diff(start) > 1, True))  # of each line
    ends = np.repeat(start[last] + 1, 2).astype(np.float64)
    ends[1::2] = np.nan
    order = np.insert(start.astype(np.float64), np.repeat(last + 1, 2), ends)
    here = np.isfinite(order)
    flat = np.full(order.size, np.nan, dtype=np.float32)
    flat[here] = x[order[here].astype(np.int64)]
    return flat
