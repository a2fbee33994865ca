"""R-peaks on 24 h of one lead at 128 Hz, against sleepecg's compiled detector."""

from time import perf_counter, process_time
from typing import Any

import numpy as np
import sleepecg

from ecgcore.dsp.matching import match_peaks
from ecgcore.dsp.pan_tompkins import pan_tompkins
from ecgcore.records.catalog import databases
from ecgcore.records.reader import read_record

HOURS = 24
FS = 128.0
REPEATS = 3


def run() -> dict[str, Any]:
    """Return seconds of either (the best of three, processor and wall) and their ratio."""
    trace, source = _day()
    double = trace.astype(np.float64)  # what sleepecg takes; the copy isn't its fault
    ours = min(_timed(lambda: pan_tompkins(trace, FS)) for _ in range(REPEATS))
    theirs = min(_timed(lambda: sleepecg.detect_heartbeats(double, FS)) for _ in range(REPEATS))
    found = pan_tompkins(trace, FS)
    match = match_peaks(sleepecg.detect_heartbeats(double, FS), found, FS)
    return {
        "source": source,
        "hours": HOURS,
        "beats": int(found.size),
        "seconds": ours[1],
        "processor_seconds": ours[0],
        "sleepecg_seconds": theirs[1],
        "sleepecg_processor_seconds": theirs[0],
        "times_slower_than_sleepecg": ours[0] / theirs[0],
        "share_of_sleepecg_beats_found": match.se,
    }


def _day() -> tuple[np.ndarray, str]:
    """Return a day of signal: nsrdb/16265 over and over, else the demo database's first record."""
    there = databases()
    name = "nsrdb" if "nsrdb" in there else next(iter(there))
    record = "16265" if name == "nsrdb" else there[name].records[0]
    whole = read_record(there[name], record)
    n = int(HOURS * 3600 * FS)
    trace = np.tile(whole.lead(), -(-n // whole.signal.shape[0]))[:n]
    return np.nan_to_num(trace), f"{name}/{record} repeated, taken as {FS:g} Hz"


def _timed(work: Any) -> tuple[float, float]:
    """Return processor and wall seconds; the ratio is of the former, others share the machine."""
    wall, processor = perf_counter(), process_time()
    work()
    return process_time() - processor, perf_counter() - wall


if __name__ == "__main__":
    print(run())
