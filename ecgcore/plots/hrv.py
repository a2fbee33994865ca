"""Heart rate variability drawn: spectrum with its bands, Poincaré plot with its ellipse."""

from typing import Final

import numpy as np
import plotly.graph_objects as go

from ecgcore.features.hrv.analysis import HRV
from ecgcore.features.hrv.frequency import BANDS
from ecgcore.features.hrv.poincare import poincare_pairs
from ecgcore.features.hrv.spectrum import HIGHEST, Spectrum
from ecgcore.plots.theme import HEAT, Theme, style
from ecgcore.schema import DoubleArray

# Above so many pairs they are counted in squares instead of drawn one by one.
_MOST_PAIRS: Final = 3000
_SQUARES: Final = 70
# More frequencies than this make the axes logarithmic: slow waves hold most of the power.
_WIDE: Final = 900
# Neighbours are averaged for drawing, over so many Hz or so many steps a decade.
_STEP_HZ: Final = 0.002
_PER_DECADE: Final = 120
_SLOWEST: Final = {"ulf": 1e-5, "vlf": 0.003, "lf": 0.02, "hf": 0.02}
# Translucent, and told apart by their names too.
_BAND_COLOURS: Final = {
    "ulf": "rgba(127, 127, 127, {})",
    "vlf": "rgba(0, 158, 115, {})",
    "lf": "rgba(86, 180, 233, {})",
    "hf": "rgba(230, 159, 0, {})",
}


def spectrum_figure(found: HRV, theme: Theme) -> go.Figure:
    """Draw the power density over frequency, the bands that are available filled and named.

    Up to an hour on plain axes from the LF or VLF band on; a longer recording's on logarithmic
    ones, so that the slow waves, which hold most of the power, and the fast ones both show.
    """
    shown = [band for band in BANDS if found.by_name[band].available]
    figure = go.Figure()
    style(figure, theme, height=330)
    figure.update_xaxes(title_text="frequency (Hz)")
    figure.update_yaxes(title_text="power density (ms²/Hz)")
    if not shown or not found.spectrum.frequency.size:
        _say(figure, found.by_name["hf"].reason or "no spectrum", theme)
        return figure
    wide = "ulf" in shown or found.spectrum.frequency.size > _WIDE
    frequency, density = _thinned(found.spectrum, wide=wide)
    for band in shown:
        low, high = BANDS[band]
        some = (frequency >= low) & (frequency < high)
        figure.add_scatter(
            x=frequency[some],
            y=density[some],
            mode="lines",
            name=f"{band.upper()} {found.value(band):,.0f} ms²",
            line={"color": _BAND_COLOURS[band].format(1), "width": 1},
            fill="tozeroy",
            fillcolor=_BAND_COLOURS[band].format(0.35),
            hovertemplate="%{x:.4g} Hz · %{y:,.0f} ms²/Hz<extra>" + band.upper() + "</extra>",
        )
    first = max(BANDS[shown[0]][0], _SLOWEST[shown[0]], float(frequency[0]))
    if wide:
        decades = [0.0001, 0.001, 0.01, 0.1]
        figure.update_xaxes(
            type="log", range=[np.log10(first), np.log10(HIGHEST)], tickvals=decades,
            ticktext=[f"{tick:g}" if tick > 1e-4 else "0.0001" for tick in decades],
        )  # fmt: skip
        some = (frequency >= first) & (density > 0)
        top = float(np.log10(density[some].max()))
        figure.update_yaxes(
            type="log", range=[max(float(np.log10(density[some].min())), top - 6), top + 0.3],
            exponentformat="power",
        )  # fmt: skip
    else:
        figure.update_xaxes(range=[0, HIGHEST])
        inside = density[frequency >= first]
        figure.update_yaxes(range=[0, 1.08 * float(inside.max())])
    return figure


def _thinned(found: Spectrum, *, wide: bool) -> tuple[DoubleArray, DoubleArray]:
    """Return frequency and density, averaged over equal steps, of log frequency where ``wide``."""
    frequency, density = found.frequency, found.density
    step = np.log10(frequency) * _PER_DECADE if wide else frequency / _STEP_HZ
    # No step crosses the edge of a band, so that each band's line ends where it does.
    band = np.searchsorted([low for low, _ in BANDS.values()], frequency, side="right")
    place = np.floor(step).astype(np.int64) * (len(BANDS) + 1) + band
    _, group, count = np.unique(place, return_inverse=True, return_counts=True)
    return np.bincount(group, frequency) / count, np.bincount(group, density) / count


def poincare_figure(found: HRV, theme: Theme) -> go.Figure:
    """Draw each NN interval against the next, with the ellipse of SD1 and SD2 around their mean."""
    x, y = poincare_pairs(found.nn)
    figure = go.Figure()
    style(figure, theme, height=330, showlegend=False)
    figure.update_xaxes(title_text="NN interval (ms)")
    figure.update_yaxes(title_text="next NN interval (ms)")
    if not x.size:
        _say(figure, "no two NN intervals in a row", theme)
        return figure
    low, high = np.quantile(np.concatenate((x, y)), [0.0005, 0.9995])
    air = max(0.06 * float(high - low), 15.0)
    limits = [float(low) - air, float(high) + air]
    if x.size > _MOST_PAIRS:
        figure.add_trace(_squares(x, y, limits))
    else:
        figure.add_scatter(
            x=x.round(1),
            y=y.round(1),
            mode="markers",
            marker={"size": 4, "color": theme.accent, "opacity": 0.45},
            hovertemplate="%{x:.0f} ms, then %{y:.0f} ms<extra></extra>",
        )
    figure.add_scatter(
        x=limits, y=limits, mode="lines", hoverinfo="skip",
        line={"color": theme.muted, "width": 1, "dash": "dot"},
    )  # fmt: skip
    if found.by_name["sd1"].available:
        _ellipse(figure, found, float(x.mean()), float(y.mean()), theme)
    figure.update_xaxes(range=limits)
    figure.update_yaxes(range=limits, scaleanchor="x", constrain="domain")
    return figure


def _squares(x: DoubleArray, y: DoubleArray, limits: list[float]) -> go.Heatmap:
    edges = np.linspace(limits[0], limits[1], _SQUARES + 1)
    count, _, _ = np.histogram2d(y, x, bins=(edges, edges))
    middle = ((edges[1:] + edges[:-1]) / 2).round(1)
    return go.Heatmap(
        x=middle,
        y=middle,
        # Few and many both show; an empty square is no square.
        z=np.where(count > 0, np.log10(np.maximum(count, 1)), np.nan).astype(np.float32),
        customdata=count.astype(np.int32),
        colorscale=HEAT,
        showscale=False,
        hovertemplate="%{x:.0f} ms, then %{y:.0f} ms: %{customdata:,} times<extra></extra>",
    )


def _ellipse(figure: go.Figure, found: HRV, x: float, y: float, theme: Theme) -> None:
    sd1, sd2 = found.value("sd1"), found.value("sd2")
    angle = np.linspace(0, 2 * np.pi, 121)
    along, across = sd2 * np.cos(angle), sd1 * np.sin(angle)
    figure.add_scatter(
        x=x + (along - across) / np.sqrt(2),
        y=y + (along + across) / np.sqrt(2),
        mode="lines",
        line={"color": theme.alarm, "width": 2},
        hoverinfo="skip",
    )
    for size, direction in ((sd1, (-1, 1)), (sd2, (1, 1))):
        step = np.array(direction) * size / np.sqrt(2)
        figure.add_scatter(
            x=[x, x + step[0]],
            y=[y, y + step[1]],
            mode="lines",
            line={"color": theme.alarm, "width": 1.5},
            hoverinfo="skip",
        )
    figure.add_annotation(
        x=0.02, y=0.99, xref="paper", yref="paper", xanchor="left", yanchor="top", align="left",
        text=f"SD1 {sd1:.0f} ms (across)<br>SD2 {sd2:.0f} ms (along)", showarrow=False,
        font={"color": theme.alarm, "size": 12},
    )  # fmt: skip


def _say(figure: go.Figure, reason: str, theme: Theme) -> None:
    figure.add_annotation(
        x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, text=f"not available: {reason}",
        font={"color": theme.note},
    )  # fmt: skip
    figure.update_xaxes(showticklabels=False)
    figure.update_yaxes(showticklabels=False)
