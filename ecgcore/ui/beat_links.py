"""From a point in a figure to the beat that it stands for."""

from typing import Any

from ecgcore.schema import Peaks
from ecgcore.ui.pager import cursor_at
from ecgcore.ui.pages import go_to
from ecgcore.ui.state import set_view


def clicked_beat(event: Any) -> int | None:
    """Return the index of the beat that was clicked in a chart, None where none was.

    The chart's points carry it as ``customdata``; see ``plots.rhythm``.
    """
    points = event.selection.points if event else []
    if not points:
        return None
    data = points[0].get("customdata")
    value = data[0] if isinstance(data, list) else data
    return None if value is None else int(value)


def open_in_signal(peaks: Peaks, beat: int, duration: float) -> None:
    """Show a beat in the middle of the Signal page. Not for use in a callback."""
    if peaks.aami is not None:  # the view counts annotated beats
        set_view(beat=beat)
    cursor_at(float(peaks.sample[beat] / peaks.fs), duration)
    go_to("signal")
