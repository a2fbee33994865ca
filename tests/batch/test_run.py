"""Batches in this process: what is done again, what is kept, what is said."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ecgcore.batch import output, record
from ecgcore.batch import run as run_module
from ecgcore.batch.config import BatchConfig
from ecgcore.batch.run import check_batch, run_batch
from ecgcore.batch.summary import read_summary
from ecgcore.dsp.detectors import DEFAULT_DETECTOR
from ecgcore.errors import CheckpointError, EcgError, ExecutorError
from ecgcore.jobs.batches import batch_id
from ecgcore.models.checkpoint import checkpoint_folder
from ecgcore.models.meta import WEIGHTS
from ecgcore.records import reader
from tests.batch.conftest import copy_record
from tests.batch.inline import Inline
from tests.batch.work import CHECKPOINT, records, run, settings_for, tree

ROOT = Path(__file__).parents[2]


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
    # So do other settings, and another checkpoint; but for how maps are made where none are.
    assert run(settings_for(folder, maps=7), out)[0].before == 2
    for changed in ({"peaks": "annotated"}, {"checkpoint": "best-inter-patient"}):
        ended, _ = run(settings_for(folder, **changed), out, replaces=True)
        assert ended.before == 0


def test_another_state_of_the_detector_is_another_result(folder: Path, out: Path, monkeypatch):
    config = BatchConfig(database=str(folder), steps=("peaks",))
    run(config, out)
    summary = read_summary(out)
    assert summary is not None
    assert set(summary["peaks_by"]) == {DEFAULT_DETECTOR}
    first = batch_id(config)
    monkeypatch.setattr(record, "detector_state", lambda name: f"another {name}")
    with pytest.raises(EcgError, match="another version of BeatLens"):
        run(config, out)
    assert run(config, out, replaces=True)[0].before == 0
    assert batch_id(config) != first  # so a job that is done is not taken for it
    assert run(config, out)[0].before == 2
    # It says which of annotated beats lie in noise as well.
    state = f"another {DEFAULT_DETECTOR}"
    made = record.made_by(replace(config, peaks="annotated"), "")
    assert made == [record.VERSION, state, None, ""]


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


@pytest.mark.parametrize("file", ["beats/.*.part", ".batch.json.*.part", ".summary.*.part"])
def test_a_process_killed_while_it_writes_leaves_nothing_after_the_next_run(
    folder: Path, out: Path, tmp_path: Path, file: str
):
    config = settings_for(folder, steps=("peaks",), checkpoint="")
    run(config, tmp_path / "undisturbed")
    killed = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.batch.work import run, settings_for\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL) if any(\n"
        "    Path(sys.argv[2]).glob(sys.argv[3])) else None\n"
        "run(settings_for(Path(sys.argv[1]), steps=('peaks',), checkpoint=''), Path(sys.argv[2]))\n"
    )
    words = [sys.executable, "-c", killed, str(folder), str(out), file]
    ended = subprocess.run(words, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL
    assert [path for path in tree(out) if path.endswith(".part")]
    run(config, out)
    assert tree(out) == tree(tmp_path / "undisturbed")


def test_a_recording_that_fails_now_keeps_no_results_of_what_it_was(folder: Path, out: Path):
    run(settings_for(folder), out)
    (folder / "a.dat").write_bytes(b"")
    ended, _ = run(settings_for(folder), out)
    assert ended.failed == 1
    assert not [name for name in tree(out) if name.rpartition("/")[2].startswith("a.")]
    assert set(pd.read_parquet(out / "beats")["record"]) == {"ward 5/b"}


@pytest.mark.parametrize("away", ["a.dat", "a.hea", "unreadable", "unreadable once"])
def test_a_recording_whose_storage_is_away_keeps_its_results_and_says_so(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch, away: str
):
    config = settings_for(folder, records="a,ward 5/b")
    run(config, out)
    first = tree(out)
    with monkeypatch.context() as patch:
        if away.startswith("unreadable"):
            patch.setattr(reader, "_files", unreadable)
            back = away.endswith("once")  # when it is asked whether the files are away
            patch.setattr(reader, "_opens", lambda path: back or path.name != "a.dat")
        else:
            patch.setattr(run_module, "select_records", lambda *_: ("a", "ward 5/b"))
            (folder / away).rename(folder / "aside")
        ended, told = run(config, out)
    assert (ended.done, ended.failed, ended.before) == (2, 1, 1)
    assert "can't be read now, and what an earlier run made of it stays" in told[0].failure.said
    summary = read_summary(out)
    assert summary is not None
    assert summary["state"].tolist() == ["earlier", "done"]
    assert "earlier run" in summary["said"][0]
    assert summary["beats"][0] > 0
    assert {n: c for n, c in tree(out).items() if "summary" not in n} == {
        n: c for n, c in first.items() if "summary" not in n
    }
    if not away.startswith("unreadable"):
        (folder / "aside").rename(folder / away)
    assert run(config, out)[0].before == 2  # nothing is done again
    assert tree(out) == first


FILES_OF = reader._files


def unreadable(path: Path, source: Any) -> dict[str, os.stat_result]:
    """Stand for a storage that fails as its folder is listed, for one recording."""
    if path.name == "a":
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return FILES_OF(path, source)


def cancelled_at(times: int) -> Callable[[], None]:
    """Return a check that lets so many recordings be done."""
    asked = iter(range(times))

    def check() -> None:
        if next(asked, None) is None:
            raise InterruptedError

    return check


def test_what_is_done_until_a_cancel_stands_in_the_summary(folder: Path, out: Path):
    with pytest.raises(InterruptedError):
        run_batch(settings_for(folder), out, Inline(), check=cancelled_at(1))
    assert records(out) == ["a"]


def test_a_rerun_that_is_cancelled_at_once_loses_no_row(folder: Path, out: Path):
    run(settings_for(folder), out)
    whole = tree(out)
    copy_record("demo04", folder, "0")
    for times in (0, 1):
        with pytest.raises(InterruptedError):
            run_batch(settings_for(folder), out, Inline(), check=cancelled_at(times))
        assert records(out) == [*(["0"] * times), "a", "ward 5/b"]
    # Also where the summary itself is gone: the recordings' own rows are the truth.
    (folder / "0.hea").unlink()
    (out / "summary.parquet").unlink()
    with pytest.raises(InterruptedError):
        run_batch(settings_for(folder), out, Inline(), check=cancelled_at(0))
    assert tree(out)["summary.parquet"] == whole["summary.parquet"]


def test_a_full_disk_ends_it_with_that_reason(folder: Path, out: Path, monkeypatch):
    def full(path: Path, table: pd.DataFrame) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(record.output, "write_table", full)
    with pytest.raises(ExecutorError, match="No space left on device"):
        run(settings_for(folder), out)
    assert output.read_done(out, "a") is None


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


def test_a_checkpoint_that_can_not_be_used_is_said_before_anything_is_done(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """And not once for each of a thousand recordings."""
    broken = tmp_path / "checkpoints" / "cut"
    shutil.copytree(checkpoint_folder(CHECKPOINT), broken)
    weights = (broken / WEIGHTS).read_bytes()
    (broken / WEIGHTS).write_bytes(weights[: len(weights) // 2])
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    with pytest.raises(CheckpointError, match="cut"):
        check_batch(settings_for(folder, checkpoint="cut"))
