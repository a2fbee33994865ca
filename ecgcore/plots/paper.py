"""ECG paper: 25 mm/s, 10 mm/mV, pink millimetre grid, the 1 mV calibration pulse.

A browser does not tell its pixels' size, so what is kept is the paper's proportion: 1 mV stands as
tall as 0.4 s is wide, and the small squares (1 mm: 0.04 s, 0.1 mV) are square.
"""

from typing import Final

import plotly.graph_objects as go

MM_PER_S: Final = 25.0
MM_PER_MV: Final = 10.0
_BACKGROUND: Final = "#FFF7F6"
_MAJOR: Final = "#EBA9A4"
_MINOR: Final = "#F8DAD7"


def paper_axes(
    figure: go.Figure, seconds: tuple[float, float], millivolts: tuple[float, float]
) -> None:
    """Give ``figure`` the paper's grid and proportion, in place, dark page or not."""
    figure.update_layout(plot_bgcolor=_BACKGROUND)
    figure.update_xaxes(
        range=seconds,
        dtick=0.2,
        gridcolor=_MAJOR,
        minor={"dtick": 0.04, "gridcolor": _MINOR, "showgrid": True},
        tickmode="linear",
        tick0=0,
        ticklabelstep=5,
        title_text=f"time (s) · {MM_PER_S:g} mm/s",
    )
    figure.update_yaxes(
        range=millivolts,
        dtick=0.5,
        gridcolor=_MAJOR,
        minor={"dtick": 0.1, "gridcolor": _MINOR, "showgrid": True},
        tickmode="linear",
        tick0=0,
        scaleanchor="x",
        scaleratio=MM_PER_MV / MM_PER_S,
        constrain="domain",
    )
    title = figure.layout.yaxis.title.text or ""
    figure.update_yaxes(title_text=f"{title} · {MM_PER_MV:g} mm/mV")


def calibration_pulse(figure: go.Figure, start: float, base: float) -> None:
    """Draw the pulse, 1 mV for 0.2 s, at the left edge ``start`` (s) on level ``base`` (mV)."""
    edge = start + 0.04
    figure.add_scatter(
        x=[edge, edge + 0.04, edge + 0.04, edge + 0.24, edge + 0.24, edge + 0.28],
        y=[base, base, base + 1, base + 1, base, base],
        mode="lines",
        name="calibration 1 mV, 0.2 s",
        line={"color": "#444444", "width": 1.5},
        hoverinfo="skip",
    )
