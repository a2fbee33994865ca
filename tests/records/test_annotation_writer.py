"""annotation_writer: what is written is what is read, by us and by wfdb."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.aami import SYMBOL_CLASS, aami_classes
from ecgcore.errors import RecordError
from ecgcore.records.annotation_file import SYMBOLS, parse_annotations
from ecgcore.records.annotation_writer import annotation_bytes
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_record_annotations
from ecgcore.schema import Annotations

MARKS = st.lists(
    st.tuples(
        st.integers(0, 200_000),
        st.sampled_from([symbol for code, symbol in SYMBOLS.items() if code]),
        st.text("(N#ä心 ", max_size=40),
        st.tuples(st.integers(-128, 127), st.integers(0, 255), st.integers(-128, 127)),
    ).filter(lambda mark: not (mark[1] == '"' and mark[2].startswith("#"))),
    max_size=30,
)


def annotations(marks: list[tuple[int, str, str, tuple[int, int, int]]]) -> Annotations:
    marks = sorted(marks, key=lambda mark: mark[0])
    symbol = np.array([mark[1] for mark in marks], dtype=np.str_)
    return Annotations(
        sample=np.array([mark[0] for mark in marks], dtype=np.int64),
        symbol=symbol,
        aami=aami_classes(symbol),
        aux=tuple(mark[2] for mark in marks),
        fields=np.array([mark[3] for mark in marks], dtype=np.int64).reshape(-1, 3),
    )


@given(MARKS, st.sampled_from([None, 128.0, 360.0, 1000.0]))
def test_what_is_written_is_what_is_read(marks, fs) -> None:
    written = annotations(marks)
    about = ("BeatLens 1: of nothing", "ä")
    found = parse_annotations(annotation_bytes(written, fs=fs, about=about), "made")
    assert found.sample.tolist() == written.sample.tolist()
    assert found.symbol.tolist() == written.symbol.tolist()
    assert found.aux == written.aux
    assert found.fields.tolist() == written.fields.tolist()
    assert (found.fs, found.about) == (fs, about)


@pytest.mark.parametrize("record", ["100", "208"])
def test_a_real_file_written_again_is_the_same_to_wfdb(
    mitdb: Database, tmp_path: Path, record: str
) -> None:
    source, _ = read_record_annotations(mitdb, read_header(mitdb, record))
    assert source is not None
    (tmp_path / "again.atr").write_bytes(annotation_bytes(source, fs=360, about=("made",)))
    theirs, ours = (
        wfdb.rdann(str(path), "atr") for path in (mitdb.root / record, tmp_path / "again")
    )
    # The notes of mitdb end with a NUL, as C's strings do; ours have their length.
    assert ours.aux_note == [note.removesuffix("\0") for note in theirs.aux_note]
    for name in ("sample", "symbol", "subtype", "chan", "num"):
        assert list(getattr(ours, name)) == list(getattr(theirs, name)), name


def test_a_symbol_of_the_files_own_is_defined_in_it(tmp_path: Path) -> None:
    written = replace(
        annotations([(5, "N", "", (0, 0, 0)), (9, "N", "", (0, 0, 0))]),
        symbol=np.array(["fib", "#45"]),
    )
    found = parse_annotations(annotation_bytes(written), "made")
    assert found.symbol.tolist() == ["fib", "#45"]
    assert found.defined == (True, False)
    (tmp_path / "own.atr").write_bytes(annotation_bytes(written, fs=100, about=("made",)))
    assert wfdb.rdann(str(tmp_path / "own"), "atr").symbol[0] == "fib"


def test_a_long_note_is_cut_at_a_whole_letter() -> None:
    found = parse_annotations(
        annotation_bytes(annotations([(1, "N", "ä" * 200, (0, 0, 0))])), "made"
    )
    assert found.aux == ("ä" * 126 + "…",)


@pytest.mark.parametrize(("samples", "symbol"), [((-1,), "N"), ((5, 4), "N"), ((1,), "no such")])
def test_what_wfdb_can_not_say_is_refused(samples: tuple[int, ...], symbol: str) -> None:
    wrong = Annotations(
        sample=np.array(samples, dtype=np.int64),
        symbol=np.array([symbol] * len(samples)),
        aami=np.array([SYMBOL_CLASS.get(symbol, "")] * len(samples)),
        aux=("",) * len(samples),
    )
    with pytest.raises(RecordError):
        annotation_bytes(wrong)
