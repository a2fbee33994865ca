"""A lead in memory, judged: where it is bad, and which beats lie there."""

from dataclasses import replace

import numpy as np

from ecgcore.dsp.lead_quality import lead_quality
from ecgcore.dsp.quality_seconds import GOOD, NOISY
from ecgcore.dsp.stress import motion_noise
from tests.make_record import make_record


def test_a_window_of_a_recording_is_judged_in_the_recordings_own_samples() -> None:
    record, peaks = make_record(120, start=7200)
    x = record.signal.copy()
    x[: 5 * 360, 0] = np.nan
    noise = motion_noise(30 * 360, 360.0, np.random.default_rng(3))
    x[40 * 360 : 70 * 360, 0] += (3 * noise).astype(np.float32)
    found = lead_quality(replace(record, signal=x))
    assert found.lead == "MLII"
    assert found.no_ecg["missing"].tolist() == [[7200, 7200 + 5 * 360]]
    assert found.noisy.size
    assert found.noisy.min() > 7200 + 30 * 360
    of_beats = found.of(peaks.sample)
    first = peaks.sample < 7200 + 4 * 360
    assert set(of_beats[first]) == {"missing"}
    late = peaks.sample > 7200 + 80 * 360
    assert set(of_beats[late]) == {GOOD}
    inside = (peaks.sample[:, None] >= found.noisy[:, 0]) & (
        peaks.sample[:, None] < found.noisy[:, 1]
    )
    np.testing.assert_array_equal(of_beats == NOISY, inside.any(axis=1))
