"""Batches in this process: what is written, what is done again, what is said."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wfdb

from ecgcore import __version__
from ecgcore.batch import output, record
from ecgcore.batch.config import BatchConfig, batch_config, source
from ecgcore.batch.run import BatchProgress, check_batch, read_summary, run_batch
from ecgcore.dsp.detectors import DEFAULT_DETECTOR
from ecgcore.dsp.stress import motion_noise
from ecgcore.errors import EcgError, ExecutorError
from ecgcore.jobs.batches import batch_id
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.annotation_file import parse_annotations
from ecgcore.records.reader import read_record
from ecgcore.training.predict import predict
from ecgcore.training.store import find_beats
from tests.batch.conftest import copy_record
from tests.batch.inline import Inline
from tests.make_predictions import make_predictions

CHECKPOINT = "resunet-b2"


def settings_for(folder: Path, **changes: object) -> BatchConfig:
    config = BatchConfig(database=str(folder), checkpoint=CHECKPOINT)
    return replace(config, **changes)  # type: ignore[arg-type]


def run(config: BatchConfig, out: Path) -> tuple[BatchProgress, list[BatchProgress]]:
    told: list[BatchProgress] = []
    return run_batch(config, out, Inline(), progress=told.append), told


def tree(out: Path) -> dict[str, bytes]:
    """Return all results by their place."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the recordings that are really read."""
    names: list[str] = []
    real = record.read_record

    def read(database, name):
        names.append(name)
        return real(database, name)

    monkeypatch.setattr(record, "read_record", read)
    return names


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


def test_one_bad_recording_is_reported_and_the_others_are_done(folder: Path, out: Path):
    copy_record("demo02", folder, "aa")
    (folder / "aa.dat").write_bytes(b"")
    ended, told = run(settings_for(folder), out)
    assert (ended.done, ended.failed) == (3, 1)
    (failure,) = [one for one in told if one.failure]
    assert failure.record == "aa"
    assert "signal file is empty" in failure.failure.said
    summary = read_summary(out)
    assert summary is not None
    assert summary.set_index("record")["state"].to_dict() == {
        "a": "done",
        "aa": "failed",
        "ward 5/b": "done",
    }
    assert "empty" in summary.set_index("record").loc["aa", "said"]
    # Mended, it alone is done.
    copy_record("demo02", folder, "aa")
    ended, _ = run(settings_for(folder), out)
    assert (ended.failed, ended.before) == (0, 2)


def test_a_rerun_does_only_what_has_changed(folder: Path, out: Path, analysed: list[str]):
    run(settings_for(folder), out)
    first = tree(out)
    analysed.clear()
    ended, _ = run(settings_for(folder), out)
    assert (ended.before, analysed) == (2, [])
    assert tree(out) == first
    # Other times say nothing, other content does.
    os.utime(folder / "a.dat", (1, 1))
    content = bytearray((folder / "ward 5" / "b.dat").read_bytes())
    content[1000] ^= 1
    (folder / "ward 5" / "b.dat").write_bytes(content)
    ended, _ = run(settings_for(folder), out)
    assert (ended.before, analysed) == (1, ["ward 5/b"])
    # So do other settings, and another checkpoint.
    for changed in ({"peaks": "annotated"}, {"checkpoint": "best-inter-patient"}):
        ended, _ = run(settings_for(folder, **changed), out)
        assert ended.before == 0


def test_another_state_of_the_detector_is_another_result(folder: Path, out: Path, monkeypatch):
    config = BatchConfig(database=str(folder), steps=("peaks",))
    run(config, out)
    summary = read_summary(out)
    assert summary is not None
    assert set(summary["peaks_by"]) == {DEFAULT_DETECTOR}
    first = batch_id(config)
    monkeypatch.setattr(record, "detector_state", lambda name: f"another {name}")
    assert run(config, out)[0].before == 0
    assert batch_id(config) != first  # so a job that is done is not taken for it
    assert run(config, out)[0].before == 2
    # Annotated beats are found by nobody.
    assert record.made_by(replace(config, peaks="annotated"), "") == [record.VERSION, "", None, ""]


def test_a_link_that_leads_nowhere_is_no_harm(folder: Path):
    config = BatchConfig(database=str(folder), steps=("peaks",))
    first = batch_id(config)
    (folder / "c.dat").symlink_to(folder / "nowhere.dat")
    assert batch_id(config) == first


def test_a_recording_whose_results_were_cut_off_is_done_again(folder: Path, out: Path):
    run(settings_for(folder), out)
    whole = tree(out)
    output.done_file(out, "a").write_bytes(b'{"key": "half')
    ended, _ = run(settings_for(folder), out)
    assert ended.before == 1
    assert tree(out) == whole


def test_what_is_done_until_a_cancel_stands_in_the_summary(folder: Path, out: Path):
    asked = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run_batch(settings_for(folder), out, Inline(), check=check)
    summary = read_summary(out)
    assert summary is not None
    assert summary["record"].tolist() == ["a"]


def test_a_full_disk_ends_it_with_that_reason(folder: Path, out: Path, monkeypatch):
    def full(path: Path, table: pd.DataFrame) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(record.output, "write_table", full)
    with pytest.raises(ExecutorError, match="No space left on device"):
        run(settings_for(folder), out)
    assert output.read_done(out, "a") is None


def test_a_folder_that_can_not_be_written_to_is_said(folder: Path, out: Path):
    out.write_text("")
    with pytest.raises(EcgError, match="choose another folder"):
        run(settings_for(folder), out / "more")


def test_results_never_lie_among_the_recordings(folder: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(folder)
    around = tmp_path / "other" / ".." / folder.name
    for out in (folder, folder / "out", folder.parent, tmp_path / "link" / "out", around):
        with pytest.raises(EcgError, match="among the recordings"):
            run(settings_for(folder), out)
    assert not list(folder.rglob("*.json"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"steps": ("dance",)}, "The batch: steps.0: Input should be 'peaks', 'classify'"),
        ({"steps": ("explain",), "checkpoint": "x"}, "needs the step classify"),
        ({}, "needs a checkpoint"),
        ({"checkpoint": "x", "maps": 0}, "The batch: maps"),
        ({"checkpoint": "x", "peaks": "drawn"}, "The batch: peaks"),
    ],
)
def test_settings_that_make_no_sense_are_said(values: dict[str, object], said: str):
    with pytest.raises(EcgError, match=said):
        batch_config({"database": "demo", **values}, "The batch")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"database": "./nowhere"}, "no folder"),
        ({"database": "nowhere"}, "no database 'nowhere'"),
        ({"checkpoint": "none"}, "none"),
        ({"records": "zz"}, "No record 'zz'"),
        ({"steps": ("classify", "explain"), "method": "tea"}, "tea"),
    ],
)
def test_what_is_not_there_is_said_before_anything_is_done(folder: Path, changes, said: str):
    with pytest.raises(EcgError, match=said):
        check_batch(settings_for(folder, **changes))
    assert check_batch(settings_for(folder)) == 2


def test_a_batch_says_what_it_was_made_with(folder: Path, out: Path):
    run(settings_for(folder), out)
    document = json.loads((out / "batch.json").read_text())
    assert document["checkpoint"] == CHECKPOINT
    assert document["checkpoint_digest"] == load_checkpoint(CHECKPOINT).digest
    assert batch_config(
        {key: value for key, value in document.items() if key != "checkpoint_digest"}, "It"
    ) == settings_for(folder)


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
    real = record.read_record

    def spoilt(database, name):
        whole = real(database, name)
        signal = whole.signal.copy()
        noise = motion_noise(round(30 * whole.fs), whole.fs, np.random.default_rng(3))
        signal[: noise.size] += (4 * noise[:, None]).astype(np.float32)
        return replace(whole, signal=signal)

    config = BatchConfig(database=str(folder), steps=("peaks", "rr"), peaks="annotated")
    run(config, out / "calm")
    monkeypatch.setattr(record, "read_record", spoilt)
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
