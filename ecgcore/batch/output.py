"""What a batch leaves of each recording, and where: a folder a kind, so that a kind is one table.

``OUT/beats/REC.parquet`` (``pandas.read_parquet("OUT/beats")`` reads all of them as one table),
``OUT/maps/REC.parquet``, ``OUT/annotations/REC.beatlens`` (WFDB) and ``OUT/recordings/REC.json``,
which is written last: it holds the recording's row of the summary, and the key of what was done.
Every file is whole or not there.
"""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from ecgcore import __version__
from ecgcore.aami import AAMI_CLASSES, aami_classes
from ecgcore.records.annotation_writer import annotation_bytes
from ecgcore.schema import Annotations, Explanation, Peaks, Predictions, StrArray
from ecgcore.strict_json import to_json
from ecgcore.training.context import by_itself
from ecgcore.whole_file import remove_parts, write_whole

ANNOTATOR: Final = "beatlens"
# Beats whose class is not known. WFDB has a symbol for what could not be classified.
UNCLASSIFIED: Final = "Q"
_LABEL: Final = "label"


def beats_file(out: Path, record: str) -> Path:
    """Return where a recording's beats are."""
    return out / "beats" / f"{record}.parquet"


def maps_file(out: Path, record: str) -> Path:
    """Return where a recording's maps are."""
    return out / "maps" / f"{record}.parquet"


def annotation_file(out: Path, record: str) -> Path:
    """Return where a recording's annotations are."""
    return out / "annotations" / f"{record}.{ANNOTATOR}"


def done_file(out: Path, record: str) -> Path:
    """Return where it stands that a recording is done."""
    return out / "recordings" / f"{record}.json"


_RESULTS: Final = (beats_file, maps_file, annotation_file)
OF_ALL: Final = ("summary.parquet", "summary.csv", "report.html")  # of all recordings together


def read_done(out: Path, record: str) -> dict[str, Any] | None:
    """Return a recording's key and row, None where it is not done or that can't be read."""
    try:
        found = json.loads(done_file(out, record).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("row"), dict) else None


def write_done(out: Path, record: str, key: str, row: dict[str, Any]) -> None:
    """Say that a recording is done. Raises OSError."""
    write_whole(done_file(out, record), to_json({"key": key, "row": row}).encode())


def done_before(out: Path) -> frozenset[str]:
    """Return the recordings that are done in ``out``, whoever asked for them."""
    folder = done_file(out, "x").parent
    return frozenset(
        path.relative_to(folder).as_posix().removesuffix(".json") for path in folder.rglob("*.json")
    )


def remove_record(out: Path, record: str) -> None:
    """Remove a recording's results, whole ones and those of a killed worker. Raises OSError."""
    for place in (done_file, *_RESULTS):  # first that it is done
        place(out, record).unlink(missing_ok=True)
        remove_parts(place(out, record))


def remove_parts_of_all(out: Path, *others: str) -> None:
    """Remove what a killed run left half-written of the files of all. Raises OSError."""
    for name in (*OF_ALL, *others):
        remove_parts(out / name)


def has_results(out: Path) -> bool:
    """Tell whether a batch has left results in ``out``. Raises OSError."""
    return next(_result_files(out), None) is not None


def remove_results(out: Path) -> None:
    """Remove every recording's results and the summary; other files stay. Raises OSError."""
    for path in [*_result_files(out), *(out / name for name in OF_ALL)]:
        path.unlink(missing_ok=True)


def _result_files(out: Path) -> Iterator[Path]:
    for place in (done_file, *_RESULTS):
        path = place(out, "x")
        yield from path.parent.rglob(f"*{path.suffix}")


def beat_table(
    record: str, peaks: Peaks, found: Predictions | None, quality: StrArray
) -> pd.DataFrame:
    """Return a row a beat: where it is, its RR interval, its class, its probabilities.

    ``quality`` (b,): "good", or why not to trust a beat there; see ``dsp.quality_seconds``. Where
    beats are put in context, the columns ``alone_…`` are what the network said of each by itself.
    """
    time = peaks.sample / peaks.fs
    table = pd.DataFrame(
        {
            "record": pd.Series([record] * len(peaks), dtype="string"),
            "beat": np.arange(len(peaks)),
            "sample": peaks.sample,
            "time_s": time,
            "rr_s": np.diff(time, prepend=np.nan),
            "quality": pd.Series(quality, dtype="string"),
        }
    )
    if found is not None:
        table = table.assign(**_said(found, ""), usable=found.usable)
        if found.alone is not None:
            table = table.assign(**_said(by_itself(found), "alone_"))
    return table


def _said(found: Predictions, prefix: str) -> dict[str, Any]:
    """Return the columns of labels and probabilities, their names after ``prefix``."""
    of_class = {
        f"{prefix}p_{name}": found.probability[:, k] for k, name in enumerate(found.classes)
    }
    return {f"{prefix}{_LABEL}": pd.Series(found.label, dtype="string"), **of_class}


def map_table(record: str, maps: Sequence[tuple[int, Explanation]]) -> pd.DataFrame:
    """Return a row a map: of which beat, for which class, from which sample on, its values."""
    return pd.DataFrame(
        [
            {
                "record": record,
                "beat": beat,
                "method": one.method,
                "target": one.target,
                "probability": one.prediction[one.target],
                "start_sample": one.start_sample,
                "fs": one.fs,
                "largest": one.largest,
                "quantity": one.quantity,
                "values": one.values.tolist(),
            }
            for beat, one in maps
        ]
    )


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet. Raises OSError."""
    content = io.BytesIO()
    table.to_parquet(content, index=False, compression="zstd")
    write_whole(path, content.getvalue())


def write_annotations(path: Path, peaks: Peaks, found: Predictions | None) -> None:
    """Write beats as a WFDB annotation file, readable without a header. Raises OSError.

    The symbol is the AAMI class' letter; a label that is none (a person's name) is a note beside
    the symbol for unclassified beats, which beats without usable signal have too.
    """
    symbol, note = _symbols(peaks, found)
    marks = Annotations(
        sample=peaks.sample,
        symbol=symbol,
        aami=aami_classes(symbol),
        aux=note,
        annotator=ANNOTATOR,
    )
    about = (f"{__version__}, R-peaks: {peaks.source}",)
    write_whole(path, annotation_bytes(marks, fs=peaks.fs, about=about))


def _symbols(peaks: Peaks, found: Predictions | None) -> tuple[StrArray, tuple[str, ...]]:
    nothing = ("",) * len(peaks)
    if found is None:
        return np.full(len(peaks), UNCLASSIFIED), nothing
    if set(found.classes) <= set(AAMI_CLASSES):
        return np.where(found.usable, found.label, UNCLASSIFIED), nothing
    return np.full(len(peaks), UNCLASSIFIED), tuple(found.label.tolist())
