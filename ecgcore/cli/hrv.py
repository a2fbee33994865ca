"""``hrv``: the heart rate variability of one recording."""

from typing import Annotated, Final, Literal

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table, split_record

ANNOTATED: Final = "annotated"


def hrv(
    which: Annotated[str, typer.Argument(metavar="DB/REC", help="A recording.")],
    *,
    peaks: Annotated[
        str, typer.Option(help="'annotated', or a detector; default: annotated where there are.")
    ] = "",
    lead: Annotated[
        str | None, typer.Option(help="A lead's name; default: MLII, else the first.")
    ] = None,
    spectrum: Annotated[
        Literal["lomb-scargle", "welch"], typer.Option(help="How the spectrum is made.")
    ] = "lomb-scargle",
    windows: Annotated[
        float, typer.Option(min=0, help="Also in windows of so many seconds; 0: none.")
    ] = 300.0,
    as_json: JsonFlag = False,
) -> None:
    """Measure the heart rate variability of a recording, on its NN intervals.

    Intervals between other than two sinus beats, gaps, and those that touch a stretch without ECG,
    with ventricular flutter, or noisy are left out; how many, by reason, is told.
    """
    from ecgcore.dsp.detectors import DEFAULT_DETECTOR, detect, find_detector
    from ecgcore.errors import EcgError
    from ecgcore.features.hrv.analysis import hrv_of
    from ecgcore.features.hrv.measure import MEASURES
    from ecgcore.features.hrv.record import record_nn
    from ecgcore.features.hrv.windows import MIN_WINDOW_S, hrv_windows
    from ecgcore.records.annotations import annotated_peaks, class_counts
    from ecgcore.records.catalog import database
    from ecgcore.records.trace import open_record

    if windows and windows < MIN_WINDOW_S:
        raise EcgError(f"Windows of {windows:g} s are too short; take {MIN_WINDOW_S:g} s or more.")
    database_name, name = split_record(which)
    if peaks not in ("", ANNOTATED):
        find_detector(peaks)  # before anything is read
    record = open_record(database(database_name), name)
    annotated = any(class_counts(record.annotations).values())
    used = peaks or (ANNOTATED if annotated else DEFAULT_DETECTOR)
    beats = annotated_peaks(record) if used == ANNOTATED else detect(record, used, lead)
    nn = record_nn(record, beats, lead)
    found = hrv_of(nn, spectrum)
    if as_json:
        duration = record.header.duration
        trend = hrv_windows(nn, duration, seconds=windows, method=spectrum) if windows else None
        print_json(
            {
                "record": f"{database_name}/{name}",
                "peaks": used,
                "spectrum": spectrum,
                "intervals": int(nn.normal.size),
                "nn_intervals": nn.count,
                "nn_share": nn.share,
                "left_out": nn.left_out(),
                "measures": {
                    m.name: {
                        "value": m.value,
                        "unit": MEASURES[m.name].unit,
                        **({"not_available": m.reason} if m.reason else {}),
                    }
                    for m in found.measures
                },
                "windows": [] if trend is None else trend.to_dict("records"),
            }
        )
        return
    left_out = ", ".join(f"{count} {reason}" for reason, count in nn.left_out().items())
    typer.echo(
        f"{nn.count} of {nn.normal.size} RR intervals ({used}) are NN"
        + (f"; left out: {left_out}." if left_out else "."),
        err=True,
    )
    print_table(
        ("measure", "value", "unit"),
        (
            (
                MEASURES[m.name].label,
                f"{m.value:.4g}" if m.available else f"not available: {m.reason}",
                MEASURES[m.name].unit if m.available else "",
            )
            for m in found.measures
        ),
    )
