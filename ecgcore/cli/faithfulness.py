"""``faithfulness`` and ``league``: whether explanations are true, by figures."""

from typing import Annotated, Any

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table


def faithfulness(
    checkpoint: Annotated[str, typer.Option(help="A checkpoint's name.")],
    method: Annotated[str, typer.Option(help="A method, as of explain; attention:2 is one head.")],
    database: Annotated[str, typer.Option(help="A database's name.")],
    records: Annotated[str, typer.Option(help="DS1, DS2, all, or names with commas.")] = "all",
    beats: Annotated[
        int, typer.Option(min=1, help="How many, as even over the predicted classes as can be.")
    ] = 500,
    seed: Annotated[int, typer.Option(help="Of the beats drawn, random orders and shuffles.")] = 0,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Judge a method's maps: deletion and insertion, randomised weights, noise and shift."""
    from ecgcore.explain.registry import explainer
    from ecgcore.models.checkpoint import load_checkpoint, read_meta
    from ecgcore.records.catalog import database as find
    from ecgcore.records.splits import select_records

    source = find(database)
    names = select_records(records, source.records)
    read_meta(checkpoint)
    entry = explainer(method)
    loaded = load_checkpoint(checkpoint)

    from ecgcore.errors import EcgError
    from ecgcore.faithfulness.measure import baselines, judge, prepare, settings_of
    from ecgcore.faithfulness.recommend import failings
    from ecgcore.faithfulness.sample import draw_beats

    if reason := entry.refuses(loaded.network):
        raise EcgError(reason)
    judged = draw_beats(loaded, source, names, beats=beats, seed=seed, progress=_step)
    ground = prepare(loaded, judged, seed=seed)
    found, level = judge(method, ground), baselines(ground)
    document = {
        "checkpoint": checkpoint,
        "digest": loaded.digest,
        "database": database,
        "records": records,
        "protocol": loaded.meta.protocol.name,
        **found,
        **{key: value for key, value in level.items() if key.endswith("_auc")},
        "beats": len(judged),
        "passes": not failings(found),
        "failings": failings(found),
        "settings": settings_of(ground),
        "baselines": level,
    }
    for name, why in judged.left_out.items():
        typer.echo(f"{name} is left out: {why}", err=True)
    if as_json:
        print_json(document)
        return
    _show(document)


def league(
    checkpoint: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be repeated. Default: all.")
    ] = None,
    beats: Annotated[int, typer.Option(min=1, help="Beats of each checkpoint.")] = 120,
    checked: Annotated[
        int, typer.Option(min=1, help="Of them, for randomised weights, noise and shift.")
    ] = 20,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Judge every method on every checkpoint into results/faithfulness.json; resumable."""
    from ecgcore.models.checkpoint import list_checkpoints, read_meta
    from ecgcore.records.catalog import databases

    names = tuple(checkpoint or list_checkpoints())
    for name in names:
        read_meta(name)

    from ecgcore.faithfulness.league import run_league
    from ecgcore.faithfulness.recommend import standing

    found = run_league(names, databases(), beats=beats, checked=checked, say=_say)
    if as_json:
        print_json(found)
        return
    print_table(
        ("checkpoint", "method", "gain", "better than random", "randomised", "stability", ""),
        (
            (
                name,
                method,
                f"{one['gain']:.3f}",
                "yes" if one["better_than_random"] else "no",
                _figure(one["randomisation_correlation"]),
                _figure(one["stability"]),
                standing(method, entry["recommended"]),
            )
            for name, entry in found.items()
            for method, one in sorted(entry["methods"].items(), key=lambda x: -x[1]["gain"])
        ),
    )


def _show(found: dict[str, Any]) -> None:
    print_table(
        ("order", "deletion", "insertion"),
        (
            (what, f"{found[f'{key}deletion_auc']:.4f}", f"{found[f'{key}insertion_auc']:.4f}")
            for what, key in ((found["title"], ""), ("energy", "energy_"), ("random", "random_"))
        ),
    )
    low, high = found["gain_interval"]
    typer.echo(
        f"gain {found['gain']:.3f} (95 % {low:.3f} to {high:.3f}) over {found['beats']} beats; "
        f"randomised weights {_figure(found['randomisation_correlation'])}, "
        f"stability {_figure(found['stability'])}"
    )
    for failed in found["failings"]:
        typer.echo(f"This method is {failed}." if failed.startswith("no ") else f"It {failed}.")


def _figure(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.2f}"


def _step(done: int, of: int, what: str) -> None:
    _say(f"{done + 1} of {of}: {what}")


def _say(what: str) -> None:
    typer.echo(what, err=True)
