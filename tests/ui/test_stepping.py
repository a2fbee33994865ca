"""Keys pressed while a page is drawn: each goes one on from where the View is by then."""

import numpy as np
import pandas as pd
import pytest

from ecgcore.compare.exemplars import BeatRef
from ecgcore.compare.filters import BeatFilter
from ecgcore.ui import beat_browser, beat_stepper
from ecgcore.ui.state import View


@pytest.fixture
def looked_at(monkeypatch):
    """Let a View stand without a page."""
    now = {"view": View()}

    def change(**changes):
        now["view"] = View(**{**now["view"].__dict__, **changes})

    for module in (beat_browser, beat_stepper):
        monkeypatch.setattr(module, "view", lambda: now["view"])
        monkeypatch.setattr(module, "set_view", change)
    return now


def test_two_keys_at_one_drawn_button_go_two_beats_on(looked_at):
    index = np.array([3, 5, 8, 13])
    beat_stepper._step(index, 3, 1)
    beat_stepper._step(index, 3, 1)
    assert looked_at["view"].beat == 8
    beat_stepper._step(index, 3, -1)
    assert looked_at["view"].beat == 5


def test_at_the_end_and_from_a_beat_that_is_not_there(looked_at):
    index = np.array([3, 5])
    beat_stepper._step(index, 5, 1)
    assert looked_at["view"].beat is None
    looked_at["view"] = View(beat=999)  # of an address; the page shows beat 3 in its place
    beat_stepper._step(index, 3, 1)
    assert looked_at["view"].beat == 5


def test_two_keys_on_compare_go_two_lines_on(looked_at):
    rows = pd.DataFrame({"record": ["100", "100", "200"], "beat": [4, 9, 2]})
    listed = beat_browser.Listing(rows=rows, wanted=BeatFilter(), explicit=True)
    drawn = BeatRef(record="100", beat=4)
    for _ in range(3):  # one more than there are
        beat_browser._step(listed, drawn, 1)
    assert (looked_at["view"].record, looked_at["view"].beat) == ("200", 2)
    beat_browser._step(listed, drawn, -1)
    assert (looked_at["view"].record, looked_at["view"].beat) == ("100", 9)


def test_the_first_line_follows_a_beat_that_is_not_listed(looked_at):
    rows = pd.DataFrame({"record": ["100"], "beat": [4]})
    listed = beat_browser.Listing(rows=rows, wanted=BeatFilter(), explicit=True)
    beat_browser._step(listed, BeatRef(record="300", beat=1), -1)
    assert looked_at["view"].beat is None
    beat_browser._step(listed, BeatRef(record="300", beat=1), 1)
    assert looked_at["view"].record == "100"
