"""R-peaks on 24 h of one lead at 128 Hz, clean and noisy, against sleepecg's compiled detector."""

from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
import sleepecg

from ecgcore.dsp.detectors import find_peaks
from ecgcore.dsp.matching import match_peaks
from ecgcore.dsp.stress import motion_noise
from ecgcore.records.catalog import databases
from ecgcore.records.reader import read_record

HOURS = 24
FS = 128.0
REPEATS = 5


def run() -> dict[str, Any]:
    """Return seconds of each (the best of five, taken in turn) and the ratio to sleepecg."""
    trace, source = _day()
    hour = motion_noise(int(3600 * FS), FS, np.random.default_rng(0))
    noise = np.tile(hour, HOURS)
    noisy = trace + 0.5 * (noise / noise.std()).astype(np.float32)
    figures: dict[str, Any] = {"source": source, "hours": HOURS}
    for kind, x in (("clean", trace), ("noisy", noisy)):
        double = x.astype(np.float64)  # what sleepecg takes; the copy isn't its fault
        found: dict[str, Any] = {}
        seconds: dict[str, float] = {}
        work: dict[str, Callable[[], Any]] = {
            "sleepecg": lambda double=double: sleepecg.detect_heartbeats(double, FS),
            **{
                name: lambda name=name, x=x: find_peaks(name, x, FS)
                for name in ("beatlens", "pan_tompkins")
            },
        }
        for _ in range(REPEATS):
            for name, find in work.items():
                began = process_time()
                found[name] = find()
                spent = process_time() - began
                seconds[name] = min(spent, seconds.get(name, spent))
        match = match_peaks(found["sleepecg"], found["beatlens"], FS)
        figures[kind] = {
            "beats": int(found["beatlens"].size),
            **{f"{name}_processor_seconds": value for name, value in seconds.items()},
            "beatlens_times_slower_than_sleepecg": seconds["beatlens"] / seconds["sleepecg"],
            "share_of_sleepecg_beats_found": match.se,
        }
    return figures


def _day() -> tuple[np.ndarray, str]:
    """Return a day of signal: nsrdb/16265 over and over, else the demo database's first record."""
    there = databases()
    name = "nsrdb" if "nsrdb" in there else next(iter(there))
    record = "16265" if name == "nsrdb" else there[name].records[0]
    whole = read_record(there[name], record)
    n = int(HOURS * 3600 * FS)
    trace = np.tile(whole.lead(), -(-n // whole.signal.shape[0]))[:n]
    return np.nan_to_num(trace), f"{name}/{record} repeated, taken as {FS:g} Hz"


if __name__ == "__main__":
    print(run())
