"""The guide: every method and topic has its text, a live example and a way to it."""

import json
import re

import pytest

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.ui.guide_text import TOPICS, method_text, topic_text
from tests.ui.seen import text

pytestmark = pytest.mark.usefixtures("tiny_demo")


def _charts(app) -> list[str]:
    return [chart.proto.id for chart in app.get("plotly_chart")]


def test_every_explainer_is_told_with_its_limits():
    for name in EXPLAINERS:
        text = method_text(name)
        for part in ("The question.", "How it works.", "How to read it.", "Limits."):
            assert f"**{part}**" in text, (name, part)
        assert re.search(r"\*[A-Z].*(19|20)\d\d", text), f"{name} names no source"
    for name in TOPICS:
        if name != "methods":
            assert len(topic_text(name)) > 500


def test_the_glossary_explains_the_words_of_the_pages():
    rows = topic_text("glossary").lower()
    for word in ("R-peak", "RR interval", "Se", "+P", "saliency", "macro F1", "N", "S", "V", "F"):
        assert f"**{word.lower()}" in rows or f", {word.lower()}**" in rows, word


@pytest.mark.parametrize("method", ["gradcam", "attention"])
def test_a_method_is_shown_at_work(open_page, method):
    app = open_page("guide", method=method)
    assert app.query_params["method"] == method
    assert EXPLAINERS[method].beware.split(",")[0] in text(app)
    (chart,) = app.get("plotly_chart")
    strip = json.loads(chart.proto.spec)["data"][-1]
    assert strip["type"] == "heatmap"


def test_a_method_that_no_network_here_can_be_explained_by_says_so(open_page):
    app = open_page("guide", method="cam")
    assert "No checkpoint here" in text(app)
    assert "The question." in text(app)


@pytest.mark.parametrize("topic", [*TOPICS, "nonsense"])
def test_every_topic_opens(open_page, topic):
    app = open_page("guide", topic=topic)
    assert len(text(app)) > 400
    told = ["no topic" in box.value for box in app.warning]
    assert any(told) == (topic == "nonsense")
    if topic == "trust":
        assert len(_charts(app)) == 2
        assert "random orders" in text(app)


def test_the_way_to_a_method_stands_beside_its_picker(open_page):
    """AppTest stays on its page; the click itself is walked in ``tests/browser``."""
    app = open_page("explain", ckpt="tiny", beat="5", method="occlusion")
    assert [b.label for b in app.button if b.label.startswith("What is")] == ["What is Occlusion?"]
