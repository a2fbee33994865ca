"""Inputs of long recordings, kept on disk: the same from there, made once, and never in the way."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgcore.background import Cancelled
from ecgcore.dsp import blocks
from ecgcore.features.inputs import BeatInputs, InputSpec
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.kept import one_at_a_time
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.demo import demo_database
from ecgcore.records.trace import OpenRecord, open_record
from ecgcore.training import prepared, store
from tests.make_record import make_checkpoint
from tests.tiny_networks import Convolutional

EVERY = InputSpec(
    rr=("pre", "post"),
    channels=("difference", "typical_difference", "previous_typical", "ectopic_part"),
)
PLAIN = InputSpec(channels=("raw", "rr_pre_local"), scale="beat")
PICTURE = InputSpec(
    kind="spectrogram", channels=("raw",), spectrogram=SpectrogramSpec(length=0.2, overlap=0.5)
)


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenRecord:
    """A recording that counts as long."""
    base = demo_database()
    monkeypatch.setenv("ECG_HOME", str(tmp_path))
    monkeypatch.setattr(blocks, "BLOCK_S", 20.0)
    return open_record(base, base.records[2])


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the leads whose inputs were really made."""
    leads: list[str] = []
    real = prepared.beat_inputs

    def beat_inputs(record, peaks, spec, lead, report=None):
        leads.append(lead)
        return real(record, peaks, spec, lead, report)

    monkeypatch.setattr(prepared, "beat_inputs", beat_inputs)
    return leads


def _inputs(record: OpenRecord, spec: InputSpec = EVERY, **more) -> BeatInputs:
    lead = record.lead_name()
    return prepared.stored_inputs(spec, record, annotated_peaks(record), "annotated", lead, **more)


def _same(one: BeatInputs, other: BeatInputs) -> bool:
    beats = ("waveform", "start", "stop", "padded", "usable")
    return (
        np.array_equal(one.x, other.x)
        and np.array_equal(one.rr, other.rr)
        and np.array_equal(one.size, other.size)
        and all(np.array_equal(getattr(one.beats, n), getattr(other.beats, n)) for n in beats)
        and (one.spec, one.beats.lead) == (other.spec, other.beats.lead)
    )


@pytest.mark.parametrize("spec", [EVERY, PLAIN, PICTURE])
def test_from_disk_they_are_the_same_and_made_once(record, made, spec) -> None:
    first = _inputs(record, spec)
    again = _inputs(record, spec)
    assert len(made) == 1
    direct = prepared.beat_inputs(record, annotated_peaks(record), spec, record.lead_name())
    assert _same(first, direct)
    assert _same(again, direct)
    assert not again.beats.waveform.flags.writeable


def test_a_short_recording_is_not_kept(record, made, monkeypatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_S", 3600.0)
    assert prepared.has_inputs(EVERY, record.header, "annotated", record.lead_name())
    _inputs(record)
    _inputs(record)
    assert len(made) == 2


def test_what_can_not_be_read_is_made_anew(record, made, tmp_path) -> None:
    good = _inputs(record)
    x = good.x
    for number, (kind, spoil) in enumerate(
        (
            ("npy", Path.unlink),
            ("npy", lambda file: file.write_bytes(file.read_bytes()[:-1000])),
            ("npz", lambda file: file.write_bytes(b"no archive")),
            ("npy", lambda file: np.save(file, np.zeros((3, 128), np.float32))),
        )
    ):
        (file,) = (tmp_path / "inputs").glob(f"*.{kind}")
        spoil(file)
        np.testing.assert_array_equal(_inputs(record).x, x)
        assert len(made) == number + 2


def test_a_disk_that_refuses_is_no_hindrance(record, made, tmp_path) -> None:
    (tmp_path / "inputs").write_text("a file where the folder should be")
    x = _inputs(record).x
    np.testing.assert_array_equal(_inputs(record).x, x)
    assert len(made) == 2


def test_beyond_the_bound_the_oldest_go(record, made, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(prepared, "MAX_BYTES", 1)
    _inputs(record)
    _inputs(record, PLAIN)
    assert len(list((tmp_path / "inputs").iterdir())) == 2  # of the newest, both files


def test_progress_goes_up_and_names_hours(record, monkeypatch) -> None:
    hours = replace(record.header, fs=record.header.fs / 200)
    long = replace(record, header=hours)
    peaks = replace(annotated_peaks(record), fs=hours.fs)
    told: list[tuple[float, str]] = []
    spec = InputSpec(channels=("typical_deviation",))
    # so slowly sampled, a beat is but a few samples; it is the telling that is looked at
    prepared.beat_inputs(long, peaks, spec, None, lambda share, step: told.append((share, step)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] < 1
    every = {step for _, step in told}
    assert any(step.startswith("reading hour 1 of ") for step in every)
    assert "looking for beats alike" in every


def test_cancelling_ends_it_and_keeps_nothing_half(record, made, tmp_path) -> None:
    def cancelled(share: float, step: str) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        _inputs(record, report=cancelled)
    assert not list((tmp_path / "inputs").glob("*"))
    _inputs(record)
    assert len(made) == 2


def test_two_who_ask_at_once_make_it_once(record, made) -> None:
    found: list[BeatInputs] = []
    both = [threading.Thread(target=lambda: found.append(_inputs(record))) for _ in range(4)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(found) == 4
    assert len(made) == 1


def test_who_waits_is_told_and_may_give_up(tmp_path) -> None:
    def give_up(share: float, step: str) -> None:
        assert "waiting" in step
        raise Cancelled

    path = tmp_path / "one"
    with one_at_a_time(path), pytest.raises(Cancelled):
        _second(path, give_up)
    with one_at_a_time(path):  # nobody holds it any more
        pass


def _second(path: Path, report) -> None:
    def ask() -> None:
        try:
            with one_at_a_time(path, report):
                raise AssertionError("two at a time")
        except BaseException as error:
            raised.append(error)

    raised: list[BaseException] = []
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    raise raised[0]


def test_predictions_and_inputs_are_kept_together(record, made, tmp_path) -> None:
    base, name = record.database, record.header.name
    spec = InputSpec(rr=("pre", "post"), channels=("difference", "typical_deviation"))
    checkpoint = make_checkpoint(Convolutional(), spec, ("N", "S", "V"))
    told: list[float] = []

    def report(share: float, step: str) -> None:
        told.append(share)

    first = store.stored_predictions(checkpoint, base, name, report=report)
    assert told == sorted(told)
    for file in (tmp_path / "inputs").iterdir():
        file.unlink()
    again = store.stored_predictions(checkpoint, base, name)
    assert len(made) == 1
    np.testing.assert_array_equal(first.probability, again.probability)
    store.stored_predictions(checkpoint, base, name, inputs_too=True)
    assert len(made) == 2
    assert prepared.has_inputs(spec, record.header, "annotated", first.lead)
