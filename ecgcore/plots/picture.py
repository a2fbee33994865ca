"""The picture that a network sees of a beat, on the axes of the map over it.

A spectrogram's power is drawn as the network is given it, in standard deviations of this beat's own
picture; of a beat drawn as a line, how much of each pixel the line covers. The outline carries
what is in the picture over to the map.
"""

from html import escape
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from ecgcore.plots.panel import BeatPanel
from ecgcore.plots.theme import HEAT, Theme
from ecgcore.schema import DoubleArray, FloatArray

# What is outlined: by whether it is of a spectrogram (standard deviations) or a share of a pixel.
_OUTLINED: Final = {True: 1.0, False: 0.5}
_FAINTEST: Final = -2.0  # SD that is told apart from what is fainter still


def has_picture(panel: BeatPanel) -> bool:
    """Return whether the panel holds what the network saw, as a picture."""
    return panel.picture is not None and panel.explanation.tile is not None


def picture_map(panel: BeatPanel, *, colorbar: dict[str, Any]) -> go.Heatmap:
    """Return the picture as a heat map. Raises ValueError where there is none."""
    picture, time, rows = _picture(panel)
    of_power = panel.explanation.frequency is not None
    low = max(_FAINTEST, float(picture.min())) if of_power else 0.0
    top = max(float(picture.max()), low + 1) if of_power else 1.0
    marks = [mark for mark in (-2, 0, 2, 4) if low <= mark <= top] if of_power else [0, 0.5, 1]
    said = "%{z:.2f} SD" if of_power else "%{z:.0%} of the pixel"
    return go.Heatmap(
        x=time,
        y=rows,
        z=picture,
        zmin=low,
        zmax=top,
        colorscale=HEAT,
        showscale=True,
        colorbar={
            "title": {
                "text": "power (SD)" if of_power else "share of a pixel",
                "side": "right",
                "font": {"size": 11},
            },
            "tickvals": marks,
            "ticktext": [f"{mark:g}".replace("-", "−") for mark in marks],
            "thickness": 12,
            "outlinewidth": 0,
            **colorbar,
        },
        hovertemplate=(f"%{{x:.3f}} s · %{{y:.3~g}} {tile_unit(panel)}<br>{said}<extra></extra>"),
    )


def outline(panel: BeatPanel, theme: Theme) -> list[go.Contour]:
    """Return lines around what stands out of the picture, to lie on the map over it.

    On a map from dark to bright a line that is dark and bright is seen everywhere.
    """
    picture, time, rows = _picture(panel)
    level = _OUTLINED[panel.explanation.frequency is not None]
    strokes = [(theme.text, 0.9)] if panel.explanation.signed else [("black", 2.6), ("white", 1.1)]
    return [
        go.Contour(
            x=time,
            y=rows,
            z=picture,
            autocontour=False,
            contours={"start": level, "end": level, "size": 1, "coloring": "none"},
            line={"color": colour, "width": width, "smoothing": 0.4},
            showscale=False,
            showlegend=False,
            hoverinfo="skip",
        )
        for colour, width in strokes
    ]


def tile_unit(panel: BeatPanel) -> str:
    """Return the unit of the rows, as HTML: Hz of a spectrogram, the lead's of a drawing."""
    return escape(panel.unit) if panel.explanation.frequency is None else "Hz"


def _picture(panel: BeatPanel) -> tuple[FloatArray, DoubleArray, DoubleArray]:
    found = panel.explanation
    rows = found.amplitude if found.frequency is None else found.frequency
    if panel.picture is None or found.time is None or rows is None:
        raise ValueError("this beat was not seen as a picture")
    return np.asarray(panel.picture, dtype=np.float32), found.time, rows
