"""Colours of clusters, by the wave they are named after.

Tol's bright scheme (Paul Tol, Colour Schemes, 2021), safe for colour-blind eyes and apart from the
Okabe–Ito colours of the AAMI classes, which stand on the same page. A wave has one colour in every
figure and theme; further clusters of the same name are darker and lighter kinds of it, told apart
by lightness, which every eye sees, and none so pale that it is lost against the page. Every
cluster's name stands beside its colour.
"""

from typing import Final

from ecgcore.plots.theme import Theme, blend, contrast

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
# Further clusters of one name: how far towards the page's text (True) or its background.
_KINDS: Final = ((True, 0.35), (False, 0.35), (True, 0.6), (False, 0.55), (True, 0.8))
_SEEN: Final = 1.8  # least contrast with the page, of lines 4 pixels wide with a name beside them


def cluster_colours(names: tuple[str, ...], theme: Theme) -> tuple[str, ...]:
    """Return a colour for each cluster, of the waves that the clusters are named after."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        further = seen.get(name, 0)
        seen[name] = further + 1
        kinds = _kinds(WAVE_COLOURS[name], theme)
        found.append(kinds[further % len(kinds)])
    return tuple(found)


def letter_colours(count: int, theme: Theme) -> tuple[str, ...]:
    """Return a colour for each of ``count`` clusters without wave names; the largest is grey."""
    return tuple(
        _visible(LETTER_COLOURS[k % len(LETTER_COLOURS)], theme).upper() for k in range(count)
    )


def _kinds(colour: str, theme: Theme) -> list[str]:
    """Return a colour and darker and lighter kinds of it, each seen on the page."""
    mixed = [blend(colour, theme.text if dark else theme.paper, part) for dark, part in _KINDS]
    return [colour, *(one.upper() for one in mixed if contrast(one, theme.paper) >= _SEEN)]


def _visible(colour: str, theme: Theme) -> str:
    """Return the colour as near to itself as is seen on the page."""
    steps = (blend(colour, theme.text, k / 20) for k in range(21))
    return next((one for one in steps if contrast(one, theme.paper) >= _SEEN), theme.text)
