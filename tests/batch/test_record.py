"""What a batch writes of each recording: tables, annotations, maps, its row of the summary."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wfdb

from ecgcore import __version__
from ecgcore.batch import output, record
from ecgcore.batch.config import BatchConfig, source
from ecgcore.batch.summary import read_summary
from ecgcore.dsp.detectors import DEFAULT_DETECTOR
from ecgcore.dsp.stress import motion_noise
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.annotation_file import parse_annotations
from ecgcore.records.reader import read_record
from ecgcore.training.context import by_itself
from ecgcore.training.predict import predict
from ecgcore.training.store import find_beats
from tests.batch.work import CHECKPOINT, run, settings_for
from tests.make_predictions import make_predictions


def test_what_is_written_is_what_the_checkpoint_says_of_every_beat(folder: Path, out: Path):
    config = settings_for(folder, steps=("peaks", "classify", "rr", "explain"))
    ended, _ = run(config, out)
    assert (ended.done, ended.of, ended.failed, ended.before) == (2, 2, 0, 0)
    base, network = source(config), load_checkpoint(CHECKPOINT)
    whole = read_record(base, "ward 5/b")
    found = predict(network, whole, find_beats(whole, DEFAULT_DETECTOR))
    beats = pd.read_parquet(output.beats_file(out, "ward 5/b"))
    assert beats["sample"].tolist() == found.peaks.sample.tolist()
    assert beats["label"].tolist() == found.label.tolist()
    columns = [f"p_{name}" for name in found.classes]
    assert np.array_equal(beats[columns].to_numpy(np.float32), found.probability)
    assert np.allclose(beats["rr_s"][1:], np.diff(found.peaks.sample) / whole.fs)
    # All recordings' beats are one table.
    assert set(pd.read_parquet(out / "beats")["record"]) == {"a", "ward 5/b"}
    marks = wfdb.rdann(str(out / "annotations" / "ward 5" / "b"), output.ANNOTATOR)
    assert marks.fs == whole.fs
    assert marks.sample.tolist() == found.peaks.sample.tolist()
    assert marks.symbol == np.where(found.usable, found.label, "Q").tolist()
    content = output.annotation_file(out, "ward 5/b").read_bytes()
    assert parse_annotations(content, "it").about == (f"{__version__}, R-peaks: beatlens",)


def test_maps_are_of_the_surest_beats_of_each_class(folder: Path, out: Path):
    config = settings_for(folder, steps=("classify", "explain"), records="a", maps=2)
    run(config, out)
    beats = pd.read_parquet(output.beats_file(out, "a"))
    maps = pd.read_parquet(output.maps_file(out, "a"))
    for name, mine in beats.groupby("label"):
        best = mine[f"p_{name}"].nlargest(2).min()
        told = maps[maps["target"] == name]
        assert len(told) == min(2, len(mine))
        assert (mine.set_index("beat").loc[told["beat"], f"p_{name}"] >= best).all()
    first = maps.iloc[0]
    assert max(first["values"]) == pytest.approx(1.0, abs=0.2)  # shares of the largest value
    middle = first["start_sample"] + len(first["values"]) / 2
    sample = beats.set_index("beat").loc[first["beat"], "sample"]
    assert abs(middle - sample) < first["fs"]


def test_what_was_said_of_beats_by_themselves_stands_beside_and_is_explained(
    folder: Path, out: Path
):
    steps = ("classify", "explain")
    config = settings_for(folder, checkpoint="best-inter-patient", steps=steps, records="a", maps=2)
    run(config, out)
    beats = pd.read_parquet(output.beats_file(out, "a"))
    network, whole = load_checkpoint("best-inter-patient"), read_record(source(config), "a")
    found = predict(network, whole, find_beats(whole, DEFAULT_DETECTOR))
    assert found.alone is not None
    for prefix, said in (("", found), ("alone_", by_itself(found))):
        columns = [f"{prefix}p_{name}" for name in found.classes]
        assert np.array_equal(beats[columns].to_numpy(np.float32), said.probability)
        assert beats[f"{prefix}label"].tolist() == said.label.tolist()
    assert (beats["p_N"] != beats["alone_p_N"]).any()
    summary = read_summary(out)
    assert summary is not None
    assert "in the context" in summary.iloc[0]["notes"]
    maps = pd.read_parquet(output.maps_file(out, "a"))
    of = beats.set_index("beat").loc[maps["beat"]]
    assert of["alone_label"].tolist() == maps["target"].tolist()
    own = [row[f"alone_p_{row.alone_label}"] for _, row in of.iterrows()]
    np.testing.assert_allclose(maps["probability"], own, atol=1e-4)


def test_the_summary_has_a_row_a_recording_in_their_order(folder: Path, out: Path):
    run(settings_for(folder), out)
    summary = read_summary(out)
    assert summary is not None
    assert summary["record"].tolist() == ["a", "ward 5/b"]
    row = summary.iloc[0]
    beats = pd.read_parquet(output.beats_file(out, "a"))
    assert row["beats"] == len(beats)
    counted = beats[beats["usable"]]["label"].value_counts()
    assert all(row[f"beats_{name}"] == counted.get(name, 0) for name in "NSVF")
    normal = (beats["label"] == "N").to_numpy()
    pairs = normal[1:] & normal[:-1]
    assert row["nn_intervals"] <= pairs.sum()
    assert row["mean_nn_ms"] == pytest.approx(1000 * beats["rr_s"][1:][pairs].mean(), rel=0.02)
    assert row["without_ecg_percent"] >= 0
    table = pd.read_csv(out / "summary.csv")
    assert table["record"].tolist() == ["a", "ward 5/b"]


def test_without_a_checkpoint_there_are_peaks_rhythm_and_quality(folder: Path, out: Path):
    run(BatchConfig(database=str(folder), steps=("peaks", "rr")), out)
    summary = read_summary(out)
    assert summary is not None
    assert "beats_N" not in summary
    assert (summary["sdnn_ms"] > 0).all()
    marks = wfdb.rdann(str(out / "annotations" / "a"), output.ANNOTATOR)
    assert set(marks.symbol) == {"Q"}  # beats of no known class


def test_people_stand_in_the_notes_of_annotations(tmp_path: Path):
    """Their names are no WFDB symbols."""
    found = make_predictions(["Åsa", "Bo"], ["Bo", "Åsa"], classes=("Bo", "Åsa"))
    output.write_annotations(tmp_path / "r.beatlens", found.peaks, found)
    content = (tmp_path / "r.beatlens").read_bytes()
    assert parse_annotations(content, "it").aux == ("Bo", "Åsa")
    marks = wfdb.rdann(str(tmp_path / "r"), output.ANNOTATOR)
    assert (marks.symbol, marks.sample.tolist()) == (["Q", "Q"], found.peaks.sample.tolist())


def test_each_beat_says_whether_to_trust_it_and_intervals_there_do_not_count(
    folder: Path, out: Path, monkeypatch
):
    def spoilt(database, name):
        whole = read_record(database, name)
        signal = whole.signal.copy()
        noise = motion_noise(round(30 * whole.fs), whole.fs, np.random.default_rng(3))
        signal[: noise.size] += (4 * noise[:, None]).astype(np.float32)
        return replace(whole, signal=signal)

    config = BatchConfig(database=str(folder), steps=("peaks", "rr"), peaks="annotated")
    run(config, out / "calm")
    monkeypatch.setattr(record, "open_record", spoilt)
    run(config, out / "noisy")
    calm, noisy = (read_summary(out / name) for name in ("calm", "noisy"))
    for name, table in (("calm", calm), ("noisy", noisy)):
        beats = pd.read_parquet(output.beats_file(out / name, "a"))
        bad = int((beats["quality"] != "good").sum())
        row = table.iloc[0]
        assert row["untrusted_beats"] == bad
        assert row["untrusted_beats_percent"] == pytest.approx(100 * bad / len(beats))
    assert set(beats["quality"]) == {"good", "noisy"}
    assert beats["time_s"][beats["quality"] == "noisy"].max() < 40
    assert noisy["noisy_s"][0] > 10
    assert noisy["nn_intervals"][0] < calm["nn_intervals"][0] - 10
