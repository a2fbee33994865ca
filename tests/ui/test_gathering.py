"""Classifying in the background as the pages show it: what failed or was cancelled."""

import threading
from collections import OrderedDict

import pytest

from ecgcore.background import BACKGROUND
from ecgcore.compare import gather
from ecgcore.errors import RecordError
from ecgcore.training.store import stored_predictions
from ecgcore.ui import background
from tests.ui.seen import figure, finished, text

pytestmark = pytest.mark.usefixtures("tiny_demo")


def test_what_failed_can_be_tried_again(open_page, monkeypatch):
    fail = [True]

    def flaky(*arguments, **options):
        if fail:
            raise RecordError("The disk is away.")
        return stored_predictions(*arguments, **options)

    monkeypatch.setattr(gather, "stored_predictions", flaky)
    monkeypatch.setattr(BACKGROUND, "_states", OrderedDict())
    app = finished(open_page("explain", ckpt="tiny", rec="demo06", whole=False))
    assert "The disk is away." in text(app)
    fail.clear()
    app = finished(app.button(key="gather_retry").click().run())
    assert figure(app, "saliency")["data"]


def test_classifying_can_be_cancelled_and_goes_on(open_page, monkeypatch):
    gate = threading.Event()

    def slow(*arguments, **options):
        gate.wait(60)
        return stored_predictions(*arguments, **options)

    monkeypatch.setattr(gather, "stored_predictions", slow)
    monkeypatch.setattr(background, "_PATIENCE_S", 0.01)
    app = open_page("compare", ckpt="tiny", rec="demo07")
    app.button(key="cancel_gather").click().run()
    gate.set()
    assert "Classifying was cancelled." in text(app)
    assert figure(app, "meanwhile")["data"]
    app.button(key="again_gather").click().run()
    assert "1 recording" in text(finished(app))
