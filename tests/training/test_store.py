import logging
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgcore.features.inputs import InputSpec
from ecgcore.records.database import Database
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_header
from ecgcore.schema import Predictions
from ecgcore.settings import settings
from ecgcore.training import prepared, store
from tests.make_record import make_checkpoint
from tests.tiny_networks import Convolutional

SPEC = InputSpec(rr=("pre", "post"), channels=("difference", "raw"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Database]:
    base = demo_database()
    monkeypatch.setenv("ECG_HOME", str(tmp_path))
    return tmp_path, base


@pytest.fixture
def checkpoint():
    return make_checkpoint(Convolutional(), SPEC, ("N", "S", "V"))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the recordings that were really classified."""
    names: list[str] = []
    real = store.predict

    def predict(checkpoint, record, peaks, lead=None, **more):
        names.append(record.header.name)
        return real(checkpoint, record, peaks, lead, **more)

    monkeypatch.setattr(store, "predict", predict)
    return names


def _same(one: Predictions, other: Predictions) -> bool:
    arrays = ("probability", "embedding", "usable", "start", "stop", "truth")
    return (
        all(np.array_equal(getattr(one, n), getattr(other, n)) for n in arrays)
        and np.array_equal(one.peaks.sample, other.peaks.sample)
        and np.array_equal(one.peaks.symbol, other.peaks.symbol)
        and np.array_equal(one.peaks.aami, other.peaks.aami)
        and (one.lead, one.classes, one.notes, one.peaks.source, one.header)
        == (other.lead, other.classes, other.notes, other.peaks.source, other.header)
    )


def test_the_second_time_comes_from_disk_and_is_the_same(home, checkpoint, counted):
    _, base = home
    name = base.records[0]
    first = store.stored_predictions(checkpoint, base, name)
    assert store.is_stored(checkpoint, read_header(base, name))
    second = store.stored_predictions(checkpoint, base, name)
    assert counted == [name]
    assert _same(first, second)


def test_what_was_said_of_each_beat_by_itself_is_kept_too(home, checkpoint, counted):
    _, base = home
    name = base.records[0]
    so = replace(checkpoint, meta=replace(checkpoint.meta, context=True))
    first, second = (store.stored_predictions(so, base, name) for _ in range(2))
    assert counted == [name]
    assert _same(first, second)
    assert first.alone is not None
    assert np.array_equal(first.alone, second.alone)
    assert not np.array_equal(first.alone, first.probability)


def test_predictions_of_before_they_could_be_in_context_are_not_read(
    home, checkpoint, counted, monkeypatch
):
    _, base = home
    name = base.records[0]
    with monkeypatch.context() as before:
        before.setattr(store, "VERSION", 5)
        store.stored_predictions(checkpoint, base, name)
    store.stored_predictions(checkpoint, base, name)
    assert counted == [name, name]


def test_another_checkpoint_source_or_lead_has_its_own(home, checkpoint, counted):
    _, base = home
    name = base.records[0]
    lead = read_header(base, name).leads[-1]
    store.stored_predictions(checkpoint, base, name)
    store.stored_predictions(replace(checkpoint, digest="other"), base, name)
    store.stored_predictions(checkpoint, base, name, lead=lead)
    store.stored_predictions(checkpoint, base, name, source="pan_tompkins")
    assert len(counted) == 4


def test_another_version_is_computed_anew(home, checkpoint, counted, monkeypatch):
    _, base = home
    name = base.records[0]
    store.stored_predictions(checkpoint, base, name)
    monkeypatch.setattr(store, "VERSION", store.VERSION + 1)
    store.stored_predictions(checkpoint, base, name)
    assert counted == [name, name]


def test_beats_of_a_detector_that_was_changed_are_found_anew(home, checkpoint, monkeypatch):
    _, base = home
    name = base.records[0]
    header = read_header(base, name)
    store.stored_predictions(checkpoint, base, name)
    store.stored_predictions(checkpoint, base, name, source="pan_tompkins")
    monkeypatch.setattr(prepared, "detector_state", lambda name: f"another {name}")
    assert store.is_stored(checkpoint, header)  # annotated beats are none of its business
    assert not store.is_stored(checkpoint, header, source="pan_tompkins")


@pytest.mark.parametrize("harm", [b"", b"PK\x03\x04 no archive", None])
def test_a_broken_file_is_computed_anew(home, checkpoint, counted, harm):
    folder, base = home
    name = base.records[0]
    first = store.stored_predictions(checkpoint, base, name)
    (file,) = folder.glob("predictions/*/*.npz")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if harm is None else harm)
    assert _same(store.stored_predictions(checkpoint, base, name), first)
    assert _same(store.stored_predictions(checkpoint, base, name), first)
    assert counted == [name, name]


def test_a_pickle_is_not_opened(home, checkpoint, counted):
    folder, base = home
    name = base.records[0]
    first = store.stored_predictions(checkpoint, base, name)
    (file,) = folder.glob("predictions/*/*.npz")
    opened = folder / "opened"

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(opened),)

    evil = np.empty(1, dtype=object)
    evil[0] = Evil()
    np.savez(file, about=evil)
    assert _same(store.stored_predictions(checkpoint, base, name), first)
    assert not opened.exists()


def test_a_home_that_cannot_be_written_is_only_slower(home, checkpoint, counted, caplog):
    folder, base = home
    (folder / "predictions").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        found = store.stored_predictions(checkpoint, base, base.records[0])
    assert len(found.peaks)
    assert "could not be stored" in caplog.text


def test_the_oldest_go_beyond_the_bound(home, checkpoint, counted, monkeypatch):
    folder, base = home
    store.stored_predictions(checkpoint, base, base.records[0])
    (file,) = folder.glob("predictions/*/*.npz")
    os.utime(file, (0, 0))
    monkeypatch.setattr(store, "MAX_BYTES", file.stat().st_size + 1)
    store.stored_predictions(checkpoint, base, base.records[1])
    kept = list(folder.glob("predictions/*/*"))
    assert len(kept) == 1
    assert kept[0].name != file.name
    assert settings().home == folder
