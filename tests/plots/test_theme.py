"""What is written in figures can be read, in both themes."""

import pytest

from ecgcore.plots.theme import (
    AAMI_COLOURS,
    READABLE,
    THEMES,
    blend,
    class_colour,
    contrast,
    ink,
    readable_on,
)

themes = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
PEOPLE = tuple(f"person {k}" for k in range(7))


@themes
def test_text_has_the_contrast_that_text_needs(theme):
    for colour in (theme.text, theme.note, theme.alarm):
        assert contrast(colour, theme.paper) >= READABLE
    for name in (*AAMI_COLOURS, *PEOPLE):
        assert contrast(ink(class_colour(name, PEOPLE), theme), theme.paper) >= READABLE, name


@themes
def test_a_colour_that_reads_stays_as_it_is(theme):
    for colour in (theme.text, theme.note, theme.accent):
        assert ink(colour, theme).lower() == colour.lower()


def test_orange_letters_stay_orange():
    """Darker, but redder than green and greener than blue."""
    found = ink(AAMI_COLOURS["S"], THEMES["light"])
    red, green, blue = (int(found[k : k + 2], 16) for k in (1, 3, 5))
    assert red > green > blue


def test_blending_goes_from_one_to_the_other():
    assert blend("#000000", "#FFFFFF", 0).lower() == "#000000"
    assert blend("#000000", "#ffffff", 0.5) == "#808080"
    assert blend("#102030", "#405060", 1) == "#405060"


def test_ink_on_a_filled_area_is_the_better_of_two():
    assert readable_on("#FFFFFF") != "#FFFFFF"
    assert readable_on("#000000") == "#FFFFFF"
