"""A recording of any length, two leads at 128 Hz: nsrdb/16265 over and over, written where told.

Without the real recordings the demo database's first one is repeated instead.
"""

from pathlib import Path

import numpy as np
import wfdb

from ecgcore.records.catalog import databases
from ecgcore.records.reader import read_record


def write_hours(folder: Path, record_name: str, hours: float) -> str:
    """Write ``folder``/``record_name``.hea, .dat and .atr; return what was repeated."""
    there = databases()
    name = "nsrdb" if "nsrdb" in there else next(iter(there))
    record = "16265" if name == "nsrdb" else there[name].records[0]
    base = there[name]
    whole = read_record(base, record)
    length, fs = whole.header.length, whole.fs
    wanted = round(hours * 3600 * fs)
    repeats = -(-wanted // length)
    folder.mkdir(parents=True, exist_ok=True)
    _write_signal(base.path(record), folder, record_name, repeats, wanted)
    if whole.annotations is not None:
        marks = whole.annotations
        sample = (marks.sample + length * np.arange(repeats)[:, None]).ravel()
        symbol = np.tile(marks.symbol, repeats)
        inside = sample < wanted
        wfdb.wrann(
            record_name, "atr", sample[inside], symbol[inside].tolist(), write_dir=str(folder)
        )
    return f"{name}/{record} repeated to {hours:g} h"


def _write_signal(source: Path, folder: Path, record: str, repeats: int, wanted: int) -> None:
    digital = wfdb.rdrecord(str(source), physical=False)
    stored = np.tile(digital.d_signal, (repeats, 1))[:wanted].astype(np.int16)
    stored.tofile(folder / f"{record}.dat")  # format 16: little-endian pairs
    lines = [f"{record} {digital.n_sig} {digital.fs:g} {wanted}"]
    for k in range(digital.n_sig):
        total = int(stored[:, k].sum(dtype=np.int64)) & 0xFFFF
        checksum = total - 0x10000 if total >= 0x8000 else total
        lines.append(
            f"{record}.dat 16 {digital.adc_gain[k]:g}({digital.baseline[k]})/{digital.units[k]} "
            f"12 0 {int(stored[0, k])} {checksum} 0 {digital.sig_name[k]}"
        )
    (folder / f"{record}.hea").write_text("\n".join(lines) + "\n")
