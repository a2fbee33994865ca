"""Colours and the base layout of every figure, for light and dark pages.

AAMI classes have one fixed Okabe–Ito colour each (Okabe and Ito, Color Universal Design, 2008) and
never stand by colour alone: their letter is always beside it. Heat maps are cividis (Nuñez,
Anderton and Renslow, PLoS ONE 13(7), 2018), which reads the same with and without colour vision.
Maps with a sign run from purple over a neutral grey to orange, after ColorBrewer's PuOr (Harrower
and Brewer, The Cartographic Journal 40(1), 2003), which is safe for colour-blind readers too.
"""

from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

AAMI_COLOURS: Final[dict[str, str]] = {
    "N": "#0072B2",
    "S": "#E69F00",
    "V": "#D55E00",
    "F": "#CC79A7",
    "Q": "#7F7F7F",
}
HEAT: Final = "Cividis"
READABLE: Final = 4.5  # contrast that text needs, by WCAG 2.1
FONT: Final = "'Source Sans 3', 'Source Sans', 'Noto Sans', 'Noto Sans CJK KR', sans-serif"


@dataclass(frozen=True, kw_only=True)
class Theme:
    """The colours that depend on the page being light or dark."""

    name: str
    paper: str  # behind the whole figure
    text: str
    muted: str  # lines of less weight, raw signal; too faint for text
    note: str  # secondary text
    grid: str
    trace: str  # the signal itself
    accent: str  # what is chosen
    alarm: str  # disagreement, error
    band: str  # translucent highlight of a window
    signed: tuple[str, ...]  # maps with a sign, from −1 (against) over 0 to 1 (for)


LIGHT: Final = Theme(
    name="light",
    paper="#FFFFFF",
    text="#1B1F24",
    muted="#8A939E",
    note="#5B6570",
    grid="#E4E8EC",
    trace="#15191E",
    accent="#0072B2",
    alarm="#C8102E",
    band="rgba(0, 114, 178, 0.12)",
    signed=("#542788", "#998EC3", "#DDE0E4", "#F1A340", "#B35806"),
)
DARK: Final = Theme(
    name="dark",
    paper="#101418",
    text="#E6EAEE",
    muted="#7C8793",
    note="#98A3AF",
    grid="#27303A",
    trace="#EEF1F4",
    accent="#56B4E9",
    alarm="#FF6B6B",
    band="rgba(86, 180, 233, 0.16)",
    signed=("#B9A6F2", "#7A68B8", "#343C46", "#C27A1E", "#FFB454"),
)
THEMES: Final = {theme.name: theme for theme in (LIGHT, DARK)}


def readable_on(colour: str) -> str:
    """Return near-black or white, whichever stands out more on ``#rrggbb`` (WCAG's contrast)."""
    ratio = {ink: contrast(ink, colour) for ink in (LIGHT.trace, "#FFFFFF")}
    return max(ratio, key=lambda ink: ratio[ink])


def ink(colour: str, theme: Theme) -> str:
    """Return ``#rrggbb`` as near to itself as can be read as text on the theme's paper.

    Okabe and Ito's orange and pink are colours for areas: as letters on white they have a contrast
    of 2 to 3.
    """
    steps = (blend(colour, theme.text, k / 20) for k in range(21))
    return next((one for one in steps if contrast(one, theme.paper) >= READABLE), theme.text)


def blend(one: str, other: str, part: float) -> str:
    """Return the colour ``part`` of the way from ``one`` to ``other``, both ``#rrggbb``."""
    pairs = [(int(one[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours ``#rrggbb``, 1 to 21; 4.5 is needed for text.

    Source: Web Content Accessibility Guidelines 2.1, relative luminance and contrast ratio.
    """
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def class_colour(name: str, classes: tuple[str, ...] = ()) -> str:
    """Return the colour of a class: AAMI's own, else one by its place among ``classes``.

    Classes that are people are told apart by their label; the colours only help.
    """
    if name in AAMI_COLOURS:
        return AAMI_COLOURS[name]
    others = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#7F7F7F")
    return others[classes.index(name) % len(others)] if name in classes else "#7F7F7F"


def style(figure: go.Figure, theme: Theme, *, height: int, **layout: Any) -> go.Figure:
    """Give a figure the project's look, in place, and return it.

    ``height`` is in pixels; ``layout`` is passed to ``update_layout`` last and so wins.
    """
    figure.update_layout(
        height=height,
        margin={"l": 60, "r": 16, "t": 28, "b": 44},
        paper_bgcolor=theme.paper,
        plot_bgcolor=theme.paper,
        font={"family": FONT, "size": 13, "color": theme.text},
        hoverlabel={"font": {"family": FONT, "size": 12}},
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "yanchor": "bottom",
            "font": {"size": 12},
            "bgcolor": "rgba(0,0,0,0)",
        },
        dragmode="pan",
        hovermode="closest",
    )
    axis = {
        "gridcolor": theme.grid,
        "zeroline": False,
        "linecolor": theme.muted,
        "tickcolor": theme.muted,
        "ticks": "outside",
        "ticklen": 4,
        "title": {"standoff": 6},
    }
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    figure.update_layout(**layout)
    return figure


def named_rows(figure: go.Figure) -> None:
    """Have a figure's rows be names, the first at the top, as wide as the longest."""
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        automargin=True,
        fixedrange=True,
        showgrid=False,
        ticks="",
    )
