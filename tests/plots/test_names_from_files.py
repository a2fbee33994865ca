"""Names of leads, classes and recordings come from files: figures show them, and run nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from ecgcore.compare.confusion import confusion
from ecgcore.plots.confusion import confusion_figure
from ecgcore.plots.panel import BeatPanel
from ecgcore.plots.probability import probability_figure
from ecgcore.plots.record_scores import record_scores_figure
from ecgcore.plots.saliency import saliency_figure
from ecgcore.plots.theme import LIGHT
from ecgcore.plots.timeline import timeline_figure
from ecgcore.plots.triptych import triptych_figure
from ecgcore.schema import Explanation
from ecgcore.ui.beat_view import column_title
from tests.make_predictions import make_predictions
from tests.make_record import make_record

EVIL = '<a href="https://evil.example">MLII</a>'
CLASSES = ("N", EVIL)


def _panel(*, unit: str = "mV", tile: bool = False) -> BeatPanel:
    record, peaks = make_record()
    header = replace(record.header, leads=(EVIL,), units=(unit,), name=EVIL)
    first, last = int(peaks.sample[9]) - 100, int(peaks.sample[9]) + 140
    rng = np.random.default_rng(0)
    names = np.array([EVIL] * len(peaks))
    part = make_predictions([EVIL, "N"], ["N", EVIL], classes=CLASSES, record=EVIL)
    return BeatPanel(
        record=replace(record, header=header),
        lead=EVIL,
        peaks=peaks,
        beat=9,
        predicted=names,
        truth=np.where(np.arange(len(peaks)) == 9, "N", EVIL),
        explanation=Explanation(
            method="gradcam",
            target=EVIL,
            prediction={"N": 0.8, EVIL: 0.2},
            values=rng.random(last - first + 1, dtype=np.float32),
            start_sample=first,
            fs=record.fs,
            tile=rng.random((6, 9), dtype=np.float32) if tile else None,
            amplitude=np.linspace(-1, 2, 6) if tile else None,
            time=np.linspace(-0.25, 0.35, 9) if tile else None,
        ),
        classes=CLASSES,
        title=column_title(part, 0, "Wrong", f"map for {EVIL}"),
        window=(float(first), float(last)),
    )


def _figures() -> dict[str, go.Figure]:
    part = make_predictions(["N", EVIL, EVIL], [EVIL, EVIL, "N"], classes=CLASSES, record=EVIL)
    matrix = confusion([part])
    return {
        "saliency": saliency_figure(_panel(), LIGHT, method="Grad-CAM"),
        "triptych": triptych_figure(
            [_panel(), f"No beat of {EVIL} was recognised."], LIGHT, method="Grad-CAM"
        ),
        "timeline": timeline_figure(part, LIGHT),
        "probability": probability_figure({"N": 0.1, EVIL: 0.9}, LIGHT, truth=EVIL, target=EVIL),
        "confusion": confusion_figure(matrix, LIGHT, chosen=("N", EVIL)),
        "record_scores": record_scores_figure({EVIL: (1, 3), "100": (2, 9)}, LIGHT),
    }


def _shown(part: Any) -> Iterator[str]:
    """Return every text of a figure that a browser sees; ``customdata`` is for clicks only."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name not in ("customdata", "bdata"):
                yield from _shown(value)
    elif isinstance(part, list):
        for value in part:
            yield from _shown(value)
    elif isinstance(part, str):
        yield part


@pytest.mark.parametrize("name", sorted(_figures()))
def test_a_link_in_a_name_is_shown_as_text(name):
    document = json.loads(_figures()[name].to_json())
    texts = list(_shown(document["data"])) + list(_shown(document["layout"]))
    assert any("evil.example" in text.replace("<br>", "") for text in texts)
    assert not [text for text in texts if "<a" in text]
    templates = [str(trace.get("hovertemplate", "")) for trace in document["data"]]
    assert not [text for text in templates if "%{customdata" in text and name == "confusion"]


def test_a_click_on_a_cell_still_gives_the_classes_own_names():
    cells = _figures()["confusion"].data[-1]
    assert {(row[0], row[1]) for row in cells.customdata} == {
        ("N", EVIL),
        (EVIL, EVIL),
        (EVIL, "N"),
    }


@pytest.mark.parametrize("tile", [False, True])
@pytest.mark.parametrize("draw", ["saliency", "triptych"])
def test_only_a_calibrated_lead_is_in_millivolts(draw, tile):
    def figure(unit: str) -> str:
        panel = _panel(unit=unit, tile=tile)
        found = (
            saliency_figure(panel, LIGHT, method="Grad-CAM")
            if draw == "saliency"
            else triptych_figure([panel], LIGHT, method="Grad-CAM")
        )
        document = json.loads(found.to_json())
        return "\n".join([*_shown(document["data"]), *_shown(document["layout"])])

    assert "mV" in figure("mV")
    assert "mV" not in figure("uncalibrated")
    assert "uncalibrated" in figure("uncalibrated")


def test_one_uncalibrated_lead_takes_the_unit_from_the_shared_axis():
    panels = [_panel(), _panel(unit="uncalibrated")]
    figure = triptych_figure(panels, LIGHT, method="Grad-CAM")
    assert "uncalibrated" in figure.get_subplot(1, 1).yaxis.title.text
