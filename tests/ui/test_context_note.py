"""What context made of the network's word on a beat is said beside it, and what is explained."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.demo import demo_database
from ecgcore.schema import Predictions
from ecgcore.settings import settings
from ecgcore.training import context
from ecgcore.training.context import by_itself
from ecgcore.training.store import stored_predictions
from ecgcore.ui.beat_stepper import kinds
from ecgcore.ui.beat_view import column_title
from ecgcore.ui.context_note import changed_words, context_words
from tests.make_predictions import make_predictions
from tests.models.checkpoint.made import edit
from tests.ui.seen import figure, finished, text

FOUR = ("N", "S", "V", "F")


def two_beats() -> Predictions:
    """Return a beat that context took from S to N and one that it left S."""
    made = make_predictions(["N", "S"], ["N", "S"], classes=FOUR, confidence=0.55)
    alone = np.array([[0.3, 0.62, 0.05, 0.03], [0.1, 0.8, 0.05, 0.05]], np.float32)
    return replace(made, alone=alone)


def test_both_are_said_where_the_class_was_changed():
    found = two_beats()
    said = "in the context of the recording's beats most like it"
    assert context_words(found, 0) == f"By itself: **S** 0.62; {said}: **N** 0.55."
    assert context_words(found, 1) == f"**S** by itself 0.80; {said} 0.55."
    assert changed_words(found, 0) == "by itself S (0.62)"
    assert changed_words(found, 1) == ""
    assert changed_words(by_itself(found), 0) == ""


def test_why_there_is_no_fusion_is_said():
    found = two_beats()
    probability = np.array([[0.9, 0.05, 0.05, 0.0]] * 2, np.float32)
    alone = np.array([[0.3, 0.05, 0.05, 0.6], [0.3, 0.6, 0.05, 0.05]], np.float32)
    lone = replace(found, probability=probability, alone=alone)
    assert "Hardly a beat of this recording is V" in context_words(lone, 0)
    assert "Hardly" not in context_words(lone, 1)


def test_that_the_rhythm_is_fibrillation_is_said():
    found = two_beats()
    probability = np.array([[0.95, 0.0, 0.05, 0.0]] * 2, np.float32)
    alone = np.array([[0.35, 0.6, 0.05, 0.0], [0.3, 0.1, 0.6, 0.0]], np.float32)
    early = replace(found, probability=probability, alone=alone)
    assert "those of atrial fibrillation, in which no beat is S" in context_words(early, 0)
    assert "fibrillation" not in context_words(early, 1)
    assert "fibrillation" not in context_words(found, 0)  # moved by its like alone


def test_a_title_and_the_stepper_tell_of_changed_beats():
    found = two_beats()
    assert "by itself S (0.62)" in column_title(found, 0, "Wrong", "map for N")
    assert "by itself" not in column_title(found, 1, "Wrong", "map for N")
    assert kinds(found)["changed in context"].tolist() == [0]
    assert "changed in context" not in kinds(by_itself(found))


@pytest.fixture
def changed(tiny_demo, monkeypatch: pytest.MonkeyPatch) -> tuple[Predictions, int]:
    """Return predictions of the checkpoint "tiny" in context, and a beat that it changed."""
    edit(settings().checkpoint_dir / "tiny", context=True)
    monkeypatch.setattr(context, "spread", lambda said, *_: said[:, ::-1].copy())
    found = stored_predictions(load_checkpoint("tiny"), demo_database(), "demo03")
    own = by_itself(found)
    differ = np.flatnonzero((found.label != own.label) & found.usable)
    assert differ.size
    return found, int(differ[0])


def test_explain_says_what_context_changed_and_that_the_map_is_of_the_beat_by_itself(
    changed, open_page
):
    found, beat = changed
    app = finished(open_page("explain", ckpt="tiny", rec="demo03", beat=str(beat)))
    own = by_itself(found)
    seen = text(app)
    assert f"predicted {found.label[beat]}" in seen
    assert f"By itself: {own.label[beat]}" in seen
    assert "Bars and map are of the beat by itself" in seen
    assert f"Grad-CAM for {own.label[beat]}" in seen
    assert "the class said of it by itself" in app.selectbox(key="pick_target").options
    bars = figure(app, "probability")["data"][0]
    np.testing.assert_allclose(bars["x"], own.probability[beat], atol=1e-4)


def test_compare_is_of_predictions_in_context_and_says_so(changed, open_page):
    found, beat = changed
    app = finished(open_page("compare", ckpt="tiny", rec="demo03", beat=str(beat)))
    assert "each put in the context of its recording's others" in text(app)
    titles = json.dumps(figure(app, "triptych")["layout"]["annotations"])
    own = by_itself(found)
    assert f"by itself {own.label[beat]} ({own.probability[beat].max():.2f})" in titles


def test_explain_says_nothing_of_context_for_other_checkpoints(tiny_demo, open_page):
    app = finished(open_page("explain", ckpt="tiny", rec="demo03", beat="12"))
    assert "by itself" not in text(app).lower()


def test_models_tells_that_predictions_are_in_context(tiny_demo, open_page):
    assert "in context" not in text(open_page("models", ckpt="tiny"))
    edit(settings().checkpoint_dir / "tiny", context=True)
    assert "Its predictions are in context" in text(open_page("models", ckpt="tiny"))
