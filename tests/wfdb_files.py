"""Small WFDB databases for tests, written by hand so that they can be wrong in one exact way."""

from pathlib import Path

import numpy as np

from ecgcore.records.catalog import databases
from ecgcore.records.database import Database


def write_record(
    folder: Path,
    name: str = "r",
    *,
    signal: np.ndarray | None = None,
    header: str | None = None,
    content: bytes | None = None,
    annotations: bytes | None = None,
) -> np.ndarray:
    """Write a two-lead record of format 16 at 100 Hz; return its digital samples (n, 2)."""
    folder.mkdir(parents=True, exist_ok=True)
    digital = make_digital(1000, 2) if signal is None else signal
    lines = [f"{name} {digital.shape[1]} 100 {len(digital)}"]
    for lead, values in enumerate(digital.T, 1):
        total = int(values.astype(np.int64).sum())
        checksum = (total + 2**15) % 2**16 - 2**15
        lines.append(f"{name}.dat 16 200 16 0 {values[:1].sum()} {checksum} 0 lead {lead}")
    text = "\n".join(lines) + "\n" if header is None else header
    (folder / f"{name}.hea").write_text(text, encoding="utf-8")
    stored = digital.astype("<i2").tobytes() if content is None else content
    (folder / f"{name}.dat").write_bytes(stored)
    if annotations is not None:
        (folder / f"{name}.atr").write_bytes(annotations)
    return digital


def make_digital(n: int, leads: int, limit: int = 500, seed: int = 0) -> np.ndarray:
    """Return random digital samples (n, leads) within ±limit."""
    return np.random.default_rng(seed).integers(-limit, limit + 1, (n, leads))


def open_only(folder: Path) -> Database:
    """Return the one database in the parent of ``folder``, as the catalogue finds it."""
    return databases(folder.parent)[folder.name]


def mark(ticks: int, code: int) -> bytes:
    """Return one annotation, ``ticks`` (0 to 1023) after the one before."""
    return (code << 10 | ticks).to_bytes(2, "little")


def skip(ticks: int) -> bytes:
    """Return a skip of any length, also backwards."""
    word = ticks % 2**32
    halves = (word >> 16).to_bytes(2, "little") + (word & 0xFFFF).to_bytes(2, "little")
    return mark(0, 59) + halves


def note(text: str) -> bytes:
    """Return a note on the annotation before."""
    content = text.encode()
    return mark(len(content), 63) + content + b"\0" * (len(content) % 2)


END = b"\0\0"
NORMAL, PVC, REMARK = 1, 5, 22  # codes of ecgcodes(3)
