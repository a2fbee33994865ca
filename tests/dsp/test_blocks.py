"""Blocks: nothing is lost or seen twice on a seam."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.dsp import blocks as module
from ecgcore.dsp.blocks import blocks, find_in_blocks
from ecgcore.dsp.pan_tompkins import pan_tompkins
from ecgcore.records.reader import read_record


@given(st.integers(0, 20_000_000), st.sampled_from([128.0, 250.0, 360.0]))
def test_blocks_cover_everything_once(length: int, fs: float) -> None:
    every = blocks(length, fs)
    assert every[0].first == 0
    assert every[-1].stop == length
    assert all(a.stop == b.first for a, b in pairwise(every))
    assert all(0 <= b.begin <= b.first <= b.stop <= b.end <= length for b in every)
    assert max(b.stop - b.first for b in every) <= 1.5 * 3600 * fs + 1


def test_half_an_hour_is_one_block() -> None:
    assert len(blocks(650_000, 360.0)) == 1


def test_what_both_sides_of_a_seam_see_counts_once(monkeypatch) -> None:
    monkeypatch.setattr(module, "BLOCK_S", 10.0)
    fs, beats = 100.0, np.arange(30, 10_000, 83)
    noise = np.random.default_rng(0)

    def find(x, fs):  # each block times its beats a little differently
        begin = round(float(x[0]))
        inside = beats[(beats >= begin) & (beats < begin + x.size)] - begin
        return np.clip(inside + noise.integers(-2, 3, inside.size), 0, x.size - 1)

    found = find_in_blocks(find, np.arange(10_000, dtype=np.float32), fs)
    assert found.size == beats.size
    assert np.abs(found - beats).max() <= 2


@pytest.mark.parametrize("record", ["16265"])
def test_a_recording_in_blocks_has_the_beats_of_the_whole(nsrdb, record, monkeypatch) -> None:
    whole = read_record(nsrdb, record)
    lead = whole.lead()
    monkeypatch.setattr(module, "BLOCK_S", 600.0)
    found = find_in_blocks(pan_tompkins, lead, whole.fs)
    alone = pan_tompkins(lead, whole.fs)
    both = np.intersect1d(found, alone).size
    assert both >= 0.9995 * max(found.size, alone.size)
    assert (np.diff(found) > 0.2 * whole.fs).all()


def test_progress_is_told_and_can_stop() -> None:
    told: list[float] = []

    def stop(share: float) -> None:
        told.append(share)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_in_blocks(
            lambda _x, _fs: np.empty(0, dtype=np.int64),
            np.zeros(5 * 360_000, dtype=np.float32),
            100.0,
            stop,
        )
    assert told == [0.2, 0.4]
