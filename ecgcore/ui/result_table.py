"""A published table beside ours, as HTML: each of our cells links to its errors on Compare."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ecgcore.experiments.catalog import IN_CONTEXT, Column, Experiment, Row
from ecgcore.experiments.published import Published
from ecgcore.models.checkpoint import read_meta
from ecgcore.records.splits import SPLITS
from ecgcore.ui.state import link
from ecgcore.ui.text import escaped, signed

Entries = Mapping[str, Mapping[str, Any] | None]  # row name -> its entry, None before it was run

_EMPTY: Final = "–"


def result_table(
    experiment: Experiment,
    entries: Entries,
    printed: Published,
    checkpoints: Sequence[str],
) -> str:
    """Return the table. ``checkpoints``: those that are there; cells of others are no links."""
    names = {figure for figures in printed.rows.values() for figure in figures}
    both = [column for column in experiment.columns if column.figure in names]
    ours = [column for column in experiment.columns if column.figure not in names]
    heads = "".join(
        f'<th colspan="{4 if experiment.versus else 3}" class="group">{escaped(column.title)}</th>'
        for column in both
    )
    plain = "".join(f'<th rowspan="2" class="group">{escaped(c.title)}</th>' for c in ours)
    three = '<th class="group">published</th><th>ours</th><th>difference</th>'
    more = "<th>from the first row: published, ours</th>" if experiment.versus else ""
    body = "".join(
        _row(experiment, row, entries, printed, both, ours, compared(row, checkpoints))
        for row in experiment.rows
    )
    return (
        '<div class="bl-results"><table><thead>'
        f'<tr><th rowspan="2">row</th><th rowspan="2">seeds</th>{heads}{plain}</tr>'
        f"<tr>{(three + more) * len(both)}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def spread(found: Mapping[str, Any] | None) -> str:
    """Return ``62.5 ± 1.2`` in percent, the deviation where there is one."""
    if found is None or found.get("mean") is None:
        return _EMPTY
    more = f" ± {100 * found['std']:.1f}" if found.get("std") is not None else ""
    return f"{100 * found['mean']:.1f}{more}"


def counted_spread(found: Mapping[str, Any] | None, whole: Mapping[str, Any] | None) -> str:
    """Return ``8.6 ± 0.5 of 10``, the deviation where there is one."""
    if found is None or whole is None:
        return _EMPTY
    more = f" ± {found['std']:.1f}" if found.get("std") is not None else ""
    return f"{found['mean']:.1f}{more} of {whole['mean']:.0f}"


def compared(row: Row, checkpoints: Sequence[str]) -> bool:
    """Return whether Compare shows what a row scores: its checkpoint is there and says it so.

    A checkpoint that predicts in context is shown so, and one that doesn't each beat by itself.
    """
    kept = row.trained.checkpoint
    if kept not in checkpoints or row.scoring not in ("", IN_CONTEXT):
        return False
    return read_meta(kept).context == bool(row.scoring)


def errors_link(row: Row, entry: Mapping[str, Any], figure: str) -> str:
    """Return Compare's address for a row's checkpoint, at the most frequent error of a figure.

    Of a class's figure: the error in which that class, as the true one, has most beats.
    """
    database, _, test = entry["protocol"]["test"].partition(" ")
    return link(
        "compare",
        database=database,
        record="",
        lead="",
        time=0.0,
        beat=None,
        checkpoint=row.trained.checkpoint,
        target="",
        scope=test if test in SPLITS or test == "all" else "",
        cell=_worst(entry, figure),
        where="",  # a filter or a pane that Compare was left with would hide them
        sort="",
        pane="",
        layer="",
    )


def _worst(entry: Mapping[str, Any], figure: str) -> str:
    kept = next(one for one in entry["seeds"] if one["seed"] == entry["median_seed"])
    classes: list[str] = kept["classes"]
    only = figure.split(".")[1] if figure.startswith("per_class.") else None
    wrong = [
        (count, truth, label)
        for truth, row in zip(classes, kept["confusion"], strict=True)
        for label, count in zip(classes, row, strict=True)
        if truth != label and count and only in (None, truth)
    ]
    if not wrong:
        return ""
    _, truth, label = max(wrong)
    return f"{truth}>{label}"


def _row(
    experiment: Experiment,
    row: Row,
    entries: Entries,
    printed: Published,
    both: Sequence[Column],
    ours: Sequence[Column],
    linked: bool,
) -> str:
    entry = entries[row.name]
    seeds = (
        f"{len(entry['seeds'])} of {len(entry['planned'])}"
        if entry is not None
        else "<i>not run yet</i>"
    )
    cells = [f"<td>{escaped(row.title)}</td><td>{seeds}</td>"]
    first = experiment.rows[0]
    for column in both:
        found = None if entry is None else entry["summary"].get(column.figure)
        theirs = printed.of(row.name, column.figure)
        cells.append(f'<td class="group">{_percent(theirs)}</td>')
        cells.append(f"<td>{_linked(spread(found), row, entry, column.figure, linked)}</td>")
        mean = None if found is None else found["mean"]
        cells.append(f"<td>{_gap(mean, theirs)}</td>")
        if experiment.versus:
            base = entries[first.name]
            start = None if base is None else base["summary"].get(column.figure, {}).get("mean")
            gaps = (_gap(theirs, printed.of(first.name, column.figure)), _gap(mean, start))
            cells.append(f"<td>{_EMPTY if row == first else ', '.join(gaps)}</td>")
    for column in ours:
        means = {} if entry is None else entry["summary"]
        found = means.get(column.figure)
        said = counted_spread(found, means.get(column.of)) if column.of else spread(found)
        text = _linked(said, row, entry, column.figure, linked)
        cells.append(f'<td class="group">{text}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _linked(text: str, row: Row, entry: Mapping[str, Any] | None, figure: str, linked: bool) -> str:
    if entry is None or not linked or text == _EMPTY:
        return text
    address = escaped(errors_link(row, entry, figure))
    return f'<a href="{address}" target="_self" title="See its errors on Compare">{text}</a>'


def _percent(value: float | None) -> str:
    return _EMPTY if value is None else f"{100 * value:.2f}"


def _gap(value: float | None, less: float | None) -> str:
    return _EMPTY if value is None or less is None else signed(100 * (value - less))
