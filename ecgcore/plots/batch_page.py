"""A batch's summary and figures as one HTML file that opens anywhere, without a network."""

from html import escape
from pathlib import Path
from typing import Final

import pandas as pd
from plotly.offline import get_plotlyjs

from ecgcore.plots.batch import classes_figure, quality_figure, rhythm_figure
from ecgcore.plots.theme import FONT, LIGHT
from ecgcore.whole_file import write_whole

FILE: Final = "report.html"
_ROWS: Final = 1000
_STYLE: Final = (
    f"body{{font-family:{FONT};margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1B1F24}}"
    "table{border-collapse:collapse;font-size:.8rem}td,th{padding:.2rem .6rem;text-align:right;"
    "border-bottom:1px solid #E4E8EC;white-space:nowrap}div.rows{overflow-x:auto}"
)
_FIGURES: Final = (
    ("Beats other than normal, by predicted class", classes_figure),
    ("Heart rate and the spread of normal intervals", rhythm_figure),
    ("Signal not to be trusted", quality_figure),
)


def write_batch_page(out: Path, summary: pd.DataFrame, title: str) -> Path:
    """Write ``report.html`` into a batch's folder and return its path. Raises OSError."""
    failed = int((summary["state"] != "done").sum())
    said = f"{len(summary):,} recordings, {failed:,} of them could not be analysed."
    more = f" The first {_ROWS:,} are listed; summary.csv has all." if len(summary) > _ROWS else ""
    drawn = ((words, draw(summary, LIGHT)) for words, draw in _FIGURES)
    figures = "".join(
        f"<h2>{escape(words)}</h2>"
        + figure.to_html(full_html=False, include_plotlyjs=False, config={"displayModeBar": False})
        for words, figure in drawn
        if figure is not None
    )
    rows = summary.head(_ROWS).to_html(
        index=False, border=0, na_rep="", float_format="{:.4g}".format
    )
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><script>{get_plotlyjs()}</script><h1>{escape(title)}</h1>"
        f"<p>{said}{more} <b>Not for clinical use.</b></p>{figures}<h2>Recordings</h2>"
        f'<div class="rows">{rows}</div></html>'
    )
    path = out / FILE
    write_whole(path, page.encode())
    return path
