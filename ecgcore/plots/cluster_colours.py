"""Colours of clusters, by the wave they are named after.

Tol's bright scheme (Paul Tol, Colour Schemes, 2021), safe for colour-blind eyes and apart from the
Okabe–Ito colours of the AAMI classes, which stand on the same page. A wave has one colour in every
figure and theme; further clusters of the same name are mixed with the page's background, and every
cluster's name stands beside its colour.
"""

from typing import Final

from plotly.colors import hex_to_rgb

from ecgcore.plots.theme import Theme

WAVE_COLOURS: Final[dict[str, str]] = {
    "P": "#66CCEE",
    "PR": "#4477AA",
    "QRS": "#AA3377",
    "ST": "#228833",
    "T": "#CCBB44",
    "baseline": "#BBBBBB",
    "any": "#EE6677",
}
# Tol's muted scheme, for clusters that have letters for names.
LETTER_COLOURS: Final = (
    "#DDDDDD", "#CC6677", "#332288", "#DDCC77", "#117733", "#88CCEE",
    "#882255", "#44AA99", "#999933", "#AA4499", "#EE8866", "#77AADD",
)  # fmt: skip
_FAINTER: Final = 0.22  # of the background, for each further cluster of one name
_FAINTEST: Final = 0.66


def cluster_colours(names: tuple[str, ...], theme: Theme) -> tuple[str, ...]:
    """Return a colour for each cluster, of the waves that the clusters are named after."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        further = seen.get(name, 0)
        seen[name] = further + 1
        found.append(_mixed(WAVE_COLOURS[name], theme.paper, min(_FAINTER * further, _FAINTEST)))
    return tuple(found)


def letter_colours(count: int) -> tuple[str, ...]:
    """Return a colour for each of ``count`` clusters without wave names; the largest is grey."""
    return tuple(LETTER_COLOURS[k % len(LETTER_COLOURS)] for k in range(count))


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(hex_to_rgb(colour), hex_to_rgb(other), strict=True)
    return "#" + "".join(f"{round(a + share * (b - a)):02X}" for a, b in pairs)
