"""``clusters``: into what a network divides a beat in time, and whether that is true."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table

if TYPE_CHECKING:
    from ecgcore.clusters.model import ClusterModel
    from ecgcore.models.checkpoint import Checkpoint
    from ecgcore.records.database import Database

    Recordings = tuple[Database, Sequence[str]]


def clusters(
    checkpoint: Annotated[str, typer.Option(help="A checkpoint's name, or several with commas.")],
    database: Annotated[str, typer.Option(help="A database's name.")],
    records: Annotated[
        str, typer.Option(help="The judged recordings: DS1, DS2, all, or names with commas.")
    ] = "all",
    k: Annotated[int | None, typer.Option(help="Number of clusters; default: chosen.")] = None,
    fit_database: Annotated[
        str | None, typer.Option(help="Fitted on this database; default: the training one.")
    ] = None,
    fit_records: Annotated[
        str | None, typer.Option(help="Fitted on these; default: the training recordings.")
    ] = None,
    names_database: Annotated[
        str, typer.Option(help="Recordings with experts' marks (.q1c), where they are there.")
    ] = "qtdb",
    out: Annotated[
        Path | None, typer.Option(help="A file whose entries of these checkpoints are replaced.")
    ] = None,
    *,
    ship: Annotated[
        bool, typer.Option("--ship", help="Keep the clusters in the checkpoint's folder.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Fit a checkpoint's clusters, and measure their fidelity and the truth of their names.

    The clusters and the forest are fitted on the recordings that trained the checkpoint; how well
    the forest says what the network says is judged on --records.
    """
    from ecgcore.clusters.fit_set import fitting_set
    from ecgcore.models.checkpoint import read_meta
    from ecgcore.records.catalog import database as find
    from ecgcore.records.catalog import databases
    from ecgcore.records.splits import select_records

    judged = find(database)
    names = select_records(records, judged.records)
    found = {}
    # Every name is looked up before the first is fitted.
    for one, meta in [(one, read_meta(one)) for one in checkpoint.split(",")]:
        base, fitted = fitting_set(meta, databases(), judged)
        if fit_database or fit_records is not None:
            base = find(fit_database or base.name)
            fitted = select_records("all" if fit_records is None else fit_records, base.records)
        marked = databases().get(names_database)
        entry = _measured(one, k, (base, fitted), (judged, names), marked, ship=ship)
        if out is not None:
            _replace(out, one, entry)
        found[one] = entry
        if not as_json:
            _show(one, entry)
    if as_json:
        print_json(found if len(found) > 1 else entry)


def _measured(
    name: str,
    k: int | None,
    fit: "Recordings",
    judge: "Recordings",
    marked: "Database | None",
    *,
    ship: bool,
) -> dict[str, Any]:
    """Return all that is measured of one checkpoint's clusters, fitted if need be."""
    from ecgcore.clusters.measure import measure_fidelity, see, see_some
    from ecgcore.clusters.model import sees_waves
    from ecgcore.clusters.store import fitted_clusters, shipped_path, write_clusters
    from ecgcore.models.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(name)
    model = fitted_clusters(checkpoint, *fit, k, _say)
    if ship:
        write_clusters(shipped_path(name), model, checkpoint.digest)
    known = see_some(checkpoint, model, *fit, _say)
    test = see(checkpoint, model, *judge, _say)
    entry = {
        "checkpoint": name,
        "digest": checkpoint.digest,
        "k": model.count,
        "labels": list(model.labels),
        "weights": model.mixture.weight,
        "fit": model.about,
        "judged": {"database": judge[0].name, "records": list(judge[1])},
        "fidelity": measure_fidelity(known, test, checkpoint.meta.classes),
        "names": _names(checkpoint, model, marked),
    }
    if not sees_waves(checkpoint.meta.input):
        entry["names_note"] = (
            f"{name} sees what differs from the record's ordinary beat, where an ordinary P "
            "or T wave leaves nothing: its clusters are kinds of departure and no waves, so their "
            "names find none."
        )
    return entry


def _names(
    checkpoint: "Checkpoint", model: "ClusterModel", marked: "Database | None"
) -> list[dict[str, Any]]:
    """Return the check of names on every lead of the marked recordings; empty without them."""
    if marked is None:
        return []
    from ecgcore.clusters.marks import check_names
    from ecgcore.records.reader import read_headers

    headers, _ = read_headers(marked)
    if not headers or any("q1c" not in head.annotators for head in headers):
        return []
    common = [x for x in headers[0].leads if all(x in head.leads for head in headers)]
    return [check_names(checkpoint, model, marked, marked.records, lead) for lead in common]


def _replace(path: Path, checkpoint: str, entry: dict[str, Any]) -> None:
    import json

    from ecgcore.errors import EcgError
    from ecgcore.strict_json import readable_json
    from ecgcore.whole_file import write_whole

    try:
        document = json.loads(path.read_text()) if path.exists() else {}
        document[checkpoint] = entry
        write_whole(path, readable_json(document).encode())
    except (OSError, ValueError, TypeError) as error:
        raise EcgError(f"{path} can't be read or written ({error}); mend or remove it.") from None


def _show(name: str, entry: dict[str, Any]) -> None:
    typer.echo(f"{name}: {entry['k']} clusters: {', '.join(entry['labels'])}")
    views = entry["fidelity"]["views"]
    print_table(
        ("the forest sees", "agreement", "macro F1", "majority class"),
        (
            (
                name.replace("_", " "),
                *(f"{one[key]:.4f}" for key in ("agreement", "macro_f1", "majority")),
            )
            for name, one in views.items()
        ),
    )
    if entry["names"] and "names_note" in entry:
        typer.echo(entry["names_note"])
    for check in entry["names"]:
        typer.echo(f"names against experts' marks, {check['database']}, {check['leads'][0]}:")
        print_table(
            ("wave", "recall", "precision", "by position: recall", "precision"),
            (
                (
                    wave,
                    *(
                        _figure(part[key])
                        for part in (found, check["position"][wave])
                        for key in ("recall", "precision")
                    ),
                )
                for wave, found in check["clusters"].items()
            ),
        )


def _figure(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"


def _say(done: int, of: int, what: str) -> None:
    if what:
        typer.echo(f"{done + 1} of {of}: {what}", err=True)
