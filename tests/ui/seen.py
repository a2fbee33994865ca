"""What a person sees of a page that AppTest ran: its words, its figures, its buttons."""

import json
import threading
from typing import Any

from streamlit.testing.v1 import AppTest

PATIENCE_S = 240


def text(app: AppTest) -> str:
    """Return the page's words, without Markdown's marks."""
    boxes = [*app.caption, *app.markdown, *app.info, *app.warning, *app.error, *app.success]
    return " ".join(box.value for box in boxes).replace("\\", "").replace("**", "")


def figure(app: AppTest, key: str) -> dict[str, Any]:
    """Return the specification of a chart by the start of its element's key."""
    charts = [chart for chart in app.get("plotly_chart") if f"-{key}" in chart.proto.id]
    assert charts, key
    return json.loads(charts[0].proto.spec)


def button(app: AppTest, label: str):
    """Return a button by what stands on it."""
    return next(one for one in app.button if one.label == label)


def finished(app: AppTest, what: str = "gather") -> AppTest:
    """Run the page again when what it waits for is over: AppTest does not poll."""
    for _ in range(20):
        if not any(one.key == f"cancel_{what}" for one in app.button):
            return app
        after_background(app)
    raise AssertionError(f"{what} did not end")


def after_background(app: AppTest) -> AppTest:
    """Run the page again once nothing is at work in the background."""
    for thread in threading.enumerate():
        if thread.name == "background":
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
    return app.run()
