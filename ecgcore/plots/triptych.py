"""A wrong beat beside a right one of its true class and a right one of its predicted class.

After figures 10 and 11 of Kim and Jung 2022: each as waveform, as spectrogram and with its map.
All columns share their axes, so that what differs is the beats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ecgcore.errors import EcgError
from ecgcore.features.spectrogram import SpectrogramSpec, power_unit, spectrogram
from ecgcore.plots.cells import heatmaps
from ecgcore.plots.heat import strip
from ecgcore.plots.panel import BeatPanel, draw_context
from ecgcore.plots.picture import tile_unit
from ecgcore.plots.saliency import draw_heat, ticks, tile_map
from ecgcore.plots.theme import Theme, readable_on, style
from ecgcore.schema import DoubleArray, IntArray, Spectrogram

_STFT = SpectrogramSpec(length=0.12, overlap=0.92, nfft=512, padding="reflect", max_frequency=45.0)
_RANGE_DB = 45.0
_MARGIN = 0.06
_POINTS = 800  # a column is a third of the page
_COLUMN_PX = 260  # that it has on a page of 1280


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterStrip:
    """The clusters in time of one beat's window."""

    time: DoubleArray  # (n,), s from R
    cluster: IntArray  # (n,), -1 where there is none
    labels: tuple[str, ...]
    colours: tuple[str, ...]


def triptych_figure(
    panels: Sequence[BeatPanel | str],
    theme: Theme,
    *,
    method: str,
    marks: Sequence[tuple[float, float]] = (),
    clusters: Sequence[ClusterStrip | None] = (),
) -> go.Figure:
    """Draw one column a panel; a text in a panel's place says why there is none.

    A panel's title may be HTML: what it holds of files is escaped there.

    Rows: the waveform with its surroundings and RR intervals; the spectrogram of the beat; the
    beat in the colours of its map; the map, over frequency or amplitude and time where the network
    sees a picture; with ``clusters``, one a panel, those of the beat's samples. ``marks``, s from
    R, are shaded behind every beat: where the first one is nearer to another class than to its own.
    """
    there = [panel for panel in panels if isinstance(panel, BeatPanel)]
    tile = any(panel.explanation.tile is not None for panel in there)
    heights = [0.31, 0.22, 0.27, 0.20] if tile else [0.33, 0.26, 0.32, 0.09]
    last_row = 4 + any(clusters)
    figure = make_subplots(
        rows=last_row,
        cols=len(panels),
        row_heights=[*heights, *([0.09] if any(clusters) else [])],
        vertical_spacing=0.05,
        horizontal_spacing=0.025,
        column_titles=[panel.title if isinstance(panel, BeatPanel) else "" for panel in panels],
    )
    figure.update_annotations(font={"size": 12, "color": theme.text})  # the columns' titles
    limits, wide = _limits(there), _span(there)
    images = {k: _image(panel) for k, panel in enumerate(panels) if isinstance(panel, BeatPanel)}
    top = max((float(np.nanmax(i.power)) for i in images.values() if i), default=0.0)
    for col, panel in enumerate(panels, start=1):
        if isinstance(panel, str):
            _missing(figure, panel, col, theme, last_row)
            continue
        draw_context(
            figure, panel, theme, limits=limits, row=1, col=col, points=_POINTS,
            seconds=wide[1] - wide[0], width=_COLUMN_PX,
        )  # fmt: skip
        last = panel is there[-1]
        image = images[col - 1]
        if image is not None:
            bar = _lying(f"power, {escape(power_unit('db', _unit(there)))}", left=0.0)
            for trace in heatmaps(image, (top - _RANGE_DB, top), bar=bar if last else None):
                figure.add_trace(trace, row=2, col=col)
        draw_heat(figure, panel, theme, row=3, col=col)
        for low, high in marks:
            figure.add_vrect(
                x0=low, x1=high, fillcolor=theme.alarm, opacity=0.16, line_width=0,
                layer="below", row=3, col=col,
            )  # fmt: skip
        strip_of = clusters[col - 1] if clusters else None
        if strip_of is not None:
            _clusters(figure, strip_of, row=last_row, col=col)
        figure.add_trace(_map(panel, theme, method, tile=tile, show=last), row=4, col=col)
    height = (880 if tile else 820) + 70 * any(clusters)
    style(figure, theme, height=height, showlegend=False)
    _axes(figure, there, limits, len(panels), tile=tile, last_row=last_row)
    figure.update_layout(margin={"t": 92, "l": 52, "r": 8, "b": 104})
    return figure


def _limits(panels: Sequence[BeatPanel]) -> tuple[float, float]:
    if not panels:
        return -0.5, 0.5
    edges = [panel.limits for panel in panels]
    return min(low for low, _ in edges), max(high for _, high in edges)


def _span(panels: Sequence[BeatPanel]) -> tuple[float, float]:
    """Return the time that the first row shows: all panels' surroundings."""
    spans = [panel.span for panel in panels]
    return min((low for low, _ in spans), default=0.0), max((high for _, high in spans), default=1)


def _image(panel: BeatPanel) -> Spectrogram | None:
    """Return the spectrogram of the beat's window, None where the recording is too short there."""
    low, high = panel.close
    time, values = panel.trace((low - _MARGIN, high + _MARGIN))
    try:
        found = spectrogram(values, panel.record.fs, _STFT)
    except EcgError:
        return None
    return Spectrogram(
        power=found.power,
        frequency=found.frequency,
        time=found.time + time[0],
        unit=power_unit("db", panel.unit),
    )


def _unit(panels: Sequence[BeatPanel]) -> str:
    """Return the unit of the panels' common axis: mV only where every lead is calibrated."""
    units = dict.fromkeys(panel.unit for panel in panels)
    return " / ".join(units)


def _lying(title: str, *, left: float) -> dict[str, Any]:
    """Return a colour bar below the columns, whose width it leaves alone."""
    return {
        "orientation": "h",
        "title": {"text": title, "font": {"size": 11}, "side": "top"},
        "thickness": 10,
        "outlinewidth": 0,
        "len": 0.45,
        "x": left,
        "xanchor": "left",
        "y": 0.0,
        "yanchor": "top",
        "ypad": 48,
    }


def _map(panel: BeatPanel, theme: Theme, method: str, *, tile: bool, show: bool) -> go.Heatmap:
    colorbar = _lying(f"{method}, {panel.explanation.unit}", left=0.53)
    signed = panel.explanation.signed
    if signed:
        colorbar |= ticks(signed=True)
    if tile:
        return tile_map(panel, theme, show=show, colorbar=colorbar)
    time, _, values = panel.heat()
    return strip(time, values, theme, title=method, scale=show, colorbar=colorbar, signed=signed)


def _axes(
    figure: go.Figure,
    panels: Sequence[BeatPanel],
    limits: tuple[float, float],
    columns: int,
    *,
    tile: bool,
    last_row: int,
) -> None:
    if not panels:
        return
    wide = _span(panels)
    close = min(p.close[0] for p in panels) - _MARGIN, max(p.close[1] for p in panels) + _MARGIN
    height = limits[1] - limits[0]
    for col in range(1, columns + 1):
        figure.update_xaxes(range=list(wide), matches="x", row=1, col=col)
        for row in range(2, last_row + 1):
            figure.update_xaxes(
                range=list(close),
                matches=f"x{columns + 1}",
                showticklabels=row == last_row,
                row=row,
                col=col,
            )
        figure.update_xaxes(title_text="s from the R-peak", row=last_row, col=col)
        ranges = {
            1: [limits[0] - 0.28 * height, limits[1] + 0.34 * height],
            2: [0, _STFT.max_frequency],
            3: [limits[0] - 0.05 * height, limits[1] + 0.05 * height],
        }
        for row, pair in ranges.items():
            figure.update_yaxes(range=pair, showticklabels=col == 1, row=row, col=col)
        figure.update_yaxes(
            showticklabels=tile and col == 1,
            showgrid=False,
            ticks="outside" if tile else "",
            row=4,
            col=col,
        )
        if last_row > 4:
            quiet = {"showticklabels": False, "showgrid": False, "ticks": ""}
            figure.update_yaxes(**quiet, row=last_row, col=col)
    unit = escape(_unit(panels))
    for row, text in ((1, unit), (2, "Hz"), (3, unit), (4, tile_unit(panels[0]) if tile else "")):
        figure.update_yaxes(title_text=text, row=row, col=1)
    if last_row > 4:
        figure.update_yaxes(title={"text": "clusters", "font": {"size": 11}}, row=5, col=1)


def _clusters(figure: go.Figure, found: ClusterStrip, *, row: int, col: int) -> None:
    """Draw the clusters as a strip, the name in each stretch that has room for it."""
    count = len(found.labels)
    scale = [
        [edge, colour]
        for k, colour in enumerate(found.colours)
        for edge in (k / count, (k + 1) / count)
    ]
    cluster = np.where(found.cluster >= 0, found.cluster, np.nan)
    names = [[found.labels[k] if k >= 0 else "" for k in found.cluster]]
    figure.add_trace(
        go.Heatmap(
            x=found.time.astype(np.float32),
            y=[0],
            z=cluster[None, :].astype(np.float32),
            zmin=-0.5,
            zmax=count - 0.5,
            colorscale=scale,
            showscale=False,
            text=[[escape(name) for name in names[0]]],
            hovertemplate="%{x:.3f} s · %{text}<extra></extra>",
        ),
        row=row,
        col=col,
    )
    edges = np.flatnonzero(np.diff(found.cluster)) + 1
    width = found.time[-1] - found.time[0]
    for part in np.split(np.arange(found.cluster.size), edges):
        k = int(found.cluster[part[0]])
        length = found.time[part[-1]] - found.time[part[0]]
        label = found.labels[k].partition(" | ")[0]
        if k < 0 or length < width * (0.028 * len(label) + 0.02):
            continue
        figure.add_annotation(
            x=float(found.time[part].mean()),
            y=0,
            text=escape(label),
            showarrow=False,
            font={"size": 10, "color": readable_on(found.colours[k])},
            row=row,
            col=col,
        )


def _missing(figure: go.Figure, reason: str, col: int, theme: Theme, last_row: int) -> None:
    """Write ``reason`` in the column's middle, its axes hidden."""
    for row in range(1, last_row + 1):
        figure.update_xaxes(visible=False, row=row, col=col)
        figure.update_yaxes(visible=False, row=row, col=col)
    words, lines = escape(reason).split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 26:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    # Its axes are hidden, and a hidden axis places nothing: the paper's coordinates do.
    place = figure.get_subplot(1, col).xaxis.domain
    figure.add_annotation(
        text="<br>".join(lines),
        x=(place[0] + place[1]) / 2,
        y=0.75,
        xref="paper",
        yref="paper",
        xanchor="center",
        showarrow=False,
        font={"color": theme.note},
    )
