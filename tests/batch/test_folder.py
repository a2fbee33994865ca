"""Whose a results' folder is: never two batches' in one, nothing lost, what is over told."""

import json
from pathlib import Path

import pandas as pd
import pytest

from ecgcore.batch.config import batch_config
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import load_checkpoint
from tests.batch.work import CHECKPOINT, records, run, settings_for, tree


def test_results_never_lie_among_the_recordings(folder: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(folder)
    around = tmp_path / "other" / ".." / folder.name
    for out in (folder, folder / "out", folder.parent, tmp_path / "link" / "out", around):
        with pytest.raises(EcgError, match="among the recordings"):
            run(settings_for(folder), out)
    assert not list(folder.rglob("*.json"))


def test_a_folder_that_can_not_be_written_to_is_said(folder: Path, out: Path):
    out.write_text("")
    with pytest.raises(EcgError, match="choose another folder"):
        run(settings_for(folder), out / "more")


def test_a_batch_says_what_it_was_made_with(folder: Path, out: Path):
    run(settings_for(folder), out)
    document = json.loads((out / "batch.json").read_text())
    assert document["checkpoint"] == CHECKPOINT
    assert document["checkpoint_digest"] == load_checkpoint(CHECKPOINT).digest
    assert batch_config(
        {key: value for key, value in document.items() if key != "checkpoint_digest"}, "It"
    ) == settings_for(folder)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"peaks": "annotated"}, r"\(peaks: detected, not annotated\)"),
        ({"steps": ("classify",)}, r"\(steps: peaks and classify and rr, not peaks and classify\)"),
        ({"checkpoint": "best-inter-patient"}, r"\(by another checkpoint\)"),
    ],
)
def test_another_batch_s_results_are_refused_and_stay(folder: Path, out: Path, changes, said: str):
    run(settings_for(folder), out)
    there = tree(out)
    with pytest.raises(EcgError, match=said):
        run(settings_for(folder, **changes), out)
    assert tree(out) == there


def test_files_of_who_knows_what_are_never_removed(folder: Path, out: Path):
    config = settings_for(folder, steps=("rr",))
    run(config, out)
    written = out / "batch.json"
    for content in ("", "[]", '{"mine": 1}', None):
        written.write_text(content) if content is not None else written.unlink()
        there = tree(out)
        for replaces in (False, True):
            with pytest.raises(EcgError, match="may be no batch's"):
                run(config, out, replaces=replaces)
            assert tree(out) == there


def test_results_of_a_batch_that_does_not_say_which_are_refused_or_replaced(
    folder: Path, out: Path
):
    config = settings_for(folder, steps=("rr",))
    run(config, out)
    (out / "batch.json").write_text('{"steps": ["rr"]}')  # as an earlier version wrote it
    with pytest.raises(EcgError, match="does not say"):
        run(config, out)
    assert run(config, out, replaces=True)[0].before == 0


def test_another_batch_s_results_are_all_gone_when_they_are_replaced(folder: Path, out: Path):
    run(settings_for(folder, steps=("classify", "explain")), out)
    (out / "beats" / "mine.txt").write_text("not a batch's")
    ended, _ = run(settings_for(folder, records="a", steps=("rr",)), out, replaces=True)
    assert (ended.before, ended.others) == (0, ())
    assert set(tree(out)) == {
        "annotations/a.beatlens",
        "batch.json",
        "beats/a.parquet",
        "beats/mine.txt",
        "recordings/a.json",
        "summary.csv",
        "summary.parquet",
    }


def test_what_an_earlier_run_did_and_this_one_was_not_asked_for_stays_and_is_told(
    folder: Path, out: Path
):
    run(settings_for(folder), out)
    ended, _ = run(settings_for(folder, records="a"), out)
    assert (ended.before, ended.others) == (1, ("ward 5/b",))
    assert records(out) == ["a"]
    # So too of a recording that is no longer there.
    for file in (folder / "ward 5").iterdir():
        file.unlink()
    ended, _ = run(settings_for(folder), out)
    assert (ended.done, ended.others) == (1, ("ward 5/b",))
    assert records(out) == ["a"]
    assert set(pd.read_parquet(out / "beats")["record"]) == {"a", "ward 5/b"}
