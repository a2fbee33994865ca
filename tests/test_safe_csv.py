"""CSV that no spreadsheet takes for formulas."""

import io

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.features.rr import RR_FEATURES, rr_features
from ecgcore.features.table import feature_table
from ecgcore.safe_csv import csv_bytes
from tests.make_record import make_record


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), min_size=1))
def test_no_text_cell_starts_like_a_formula(cells: list[str]) -> None:
    table = pd.DataFrame({"=note": cells})
    read = pd.read_csv(io.BytesIO(csv_bytes(table)), keep_default_na=False, dtype=str)
    assert read.columns[0] == "'=note"
    assert len(read) == len(cells) or not any(cells)
    assert not any(str(cell).startswith(("=", "+", "-", "@", "\t")) for cell in read.iloc[:, 0])


def test_numbers_stay_numbers() -> None:
    table = pd.DataFrame({"x": [-1.5, 2.0], "n": [-3, 4], "text": ["-3", "a"]})
    read = pd.read_csv(io.BytesIO(csv_bytes(table)))
    assert read["x"].tolist() == [-1.5, 2.0]
    assert read["n"].tolist() == [-3, 4]
    assert read["text"].tolist() == ["'-3", "a"]


def test_a_feature_table_has_a_row_a_beat_and_reads_back() -> None:
    _, peaks = make_record(30)
    rr = rr_features(peaks, tuple(RR_FEATURES))
    table = feature_table(peaks, rr)
    read = pd.read_csv(io.BytesIO(csv_bytes(table)))
    assert len(read) == 30
    assert read["sample"].tolist() == peaks.sample.tolist()
    np.testing.assert_allclose(read["pre-RR (s)"], rr.column("pre"), atol=1e-4)
    assert read["pre − mean (s)"].dtype == float
