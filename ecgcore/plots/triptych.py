"""A wrong beat beside a right one of its true class and a right one of its predicted class.

After figures 10 and 11 of Kim and Jung 2022: each as waveform, as spectrogram and with its map.
All columns share their axes, so that what differs is the beats.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ecgcore.errors import EcgError
from ecgcore.features.spectrogram import SpectrogramSpec, power_unit, spectrogram
from ecgcore.plots.heat import strip
from ecgcore.plots.panel import BeatPanel, draw_context
from ecgcore.plots.saliency import draw_heat, ticks, tile_map, tile_unit
from ecgcore.plots.theme import HEAT, Theme, style
from ecgcore.schema import Spectrogram

_STFT = SpectrogramSpec(length=0.12, overlap=0.92, nfft=512, padding="reflect", max_frequency=45.0)
_RANGE_DB = 45.0
_MARGIN = 0.06


def triptych_figure(panels: Sequence[BeatPanel | str], theme: Theme, *, method: str) -> go.Figure:
    """Draw one column a panel; a text in a panel's place says why there is none.

    A panel's title may be HTML: what it holds of files is escaped there.

    Rows: the waveform with its surroundings and RR intervals; the spectrogram of the beat; the
    beat in the colours of its map; the map, over frequency or amplitude and time where the network
    sees a picture.
    """
    there = [panel for panel in panels if isinstance(panel, BeatPanel)]
    tile = any(panel.explanation.tile is not None for panel in there)
    figure = make_subplots(
        rows=4,
        cols=len(panels),
        row_heights=[0.31, 0.22, 0.27, 0.20] if tile else [0.33, 0.26, 0.32, 0.09],
        vertical_spacing=0.05,
        horizontal_spacing=0.025,
        column_titles=[panel.title if isinstance(panel, BeatPanel) else "" for panel in panels],
    )
    limits = _limits(there)
    images = {k: _image(panel) for k, panel in enumerate(panels) if isinstance(panel, BeatPanel)}
    top = max((float(np.nanmax(i.power)) for i in images.values() if i), default=0.0)
    for col, panel in enumerate(panels, start=1):
        if isinstance(panel, str):
            _missing(figure, panel, col, theme)
            continue
        draw_context(figure, panel, theme, limits=limits, row=1, col=col)
        last = panel is there[-1]
        image = images[col - 1]
        if image is not None:
            figure.add_trace(_picture(image, top, _unit(there), show=last), row=2, col=col)
        draw_heat(figure, panel, theme, row=3, col=col)
        figure.add_trace(_map(panel, theme, method, tile=tile, show=last), row=4, col=col)
    style(figure, theme, height=880 if tile else 820, showlegend=False)
    _axes(figure, there, limits, len(panels), tile=tile)
    figure.update_layout(margin={"t": 92, "l": 52, "r": 8, "b": 130})
    figure.update_annotations(font={"size": 12, "color": theme.text})
    return figure


def _limits(panels: Sequence[BeatPanel]) -> tuple[float, float]:
    if not panels:
        return -0.5, 0.5
    edges = [panel.limits for panel in panels]
    return min(low for low, _ in edges), max(high for _, high in edges)


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
        unit=found.unit,
    )


def _unit(panels: Sequence[BeatPanel]) -> str:
    """Return the unit of the panels' common axis: mV only where every lead is calibrated."""
    units = dict.fromkeys(panel.unit for panel in panels)
    return " / ".join(units)


def _picture(image: Spectrogram, top: float, unit: str, *, show: bool) -> go.Heatmap:
    return go.Heatmap(
        x=image.time,
        y=image.frequency,
        z=image.power,
        zmin=top - _RANGE_DB,
        zmax=top,
        colorscale=HEAT,
        showscale=show,
        colorbar=_lying(f"power, {escape(power_unit('db', unit))}", left=0.0),
        hovertemplate="%{x:.3f} s · %{y:.1f} Hz · %{z:.1f} dB<extra></extra>",
    )


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
) -> None:
    if not panels:
        return
    wide = min(p.span[0] for p in panels), max(p.span[1] for p in panels)
    close = min(p.close[0] for p in panels) - _MARGIN, max(p.close[1] for p in panels) + _MARGIN
    height = limits[1] - limits[0]
    for col in range(1, columns + 1):
        figure.update_xaxes(range=list(wide), matches="x", row=1, col=col)
        for row in (2, 3, 4):
            figure.update_xaxes(
                range=list(close),
                matches=f"x{columns + 1}",
                showticklabels=row == 4,
                row=row,
                col=col,
            )
        figure.update_xaxes(title_text="s from the R-peak", row=4, col=col)
        ranges = {
            1: [limits[0] - 0.2 * height, limits[1] + 0.34 * height],
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
    unit = escape(_unit(panels))
    for row, text in ((1, unit), (2, "Hz"), (3, unit), (4, tile_unit(panels[0]) if tile else "")):
        figure.update_yaxes(title_text=text, row=row, col=1)


def _missing(figure: go.Figure, reason: str, col: int, theme: Theme) -> None:
    """Write ``reason`` in the column's middle, its axes hidden."""
    for row in (1, 2, 3, 4):
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
        font={"color": theme.muted},
    )
