"""Arrays that are kept on disk so as not to be computed twice; nothing is lost without them.

Files are NumPy's npz without pickles, written beside their place and moved there whole. One that
can't be read counts as not there. The oldest are removed beyond a bound.
"""

import logging
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.background import Report
from ecgcore.whole_file import whole_file

_WAIT_S: Final = 0.5
_guard: Final = threading.Lock()
_working: Final[dict[Path, tuple[threading.Lock, int]]] = {}  # a lock, and how many want it
_log = logging.getLogger(__name__)


def load_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """Return the arrays of a file, read-only; None where there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays: dict[str, NDArray[Any]] = {name: file[name] for name in file.files}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        _log.warning("stored file %s can't be read (%s); computed anew", path.name, error)
        return None
    for array in arrays.values():
        array.setflags(write=False)
    return arrays


def save_arrays(path: Path, arrays: Mapping[str, Any], root: Path, most_bytes: int) -> None:
    """Write arrays to ``path``; files under ``root`` beyond ``most_bytes`` are removed.

    A full or read-only disk is logged and nothing worse.
    """
    try:
        with whole_file(path) as file:
            np.savez(file, **arrays)
        prune(root, most_bytes, keep=path)
    except OSError as error:
        _log.warning("%s could not be stored in %s (%s)", path.name, path.parent, error)


@contextmanager
def one_at_a_time(path: Path, report: Report | None = None) -> Iterator[None]:
    """Let one thread at a time work on what is kept in ``path``; others wait, then find it there.

    ``report`` is told of waiting now and then, and may raise to give up.
    """
    with _guard:
        lock, users = _working.get(path, (threading.Lock(), 0))
        _working[path] = (lock, users + 1)
    try:
        while not lock.acquire(timeout=_WAIT_S):
            if report is not None:
                report(0.0, "waiting for another window that does the same")
        try:
            yield
        finally:
            lock.release()
    finally:
        with _guard:
            users = _working[path][1] - 1
            if users:
                _working[path] = (lock, users)
            else:
                del _working[path]


def prune(root: Path, most_bytes: int, keep: Path) -> None:
    """Remove the oldest arrays under ``root`` beyond ``most_bytes``, but never those of ``keep``.

    Files .npz, and .npy of the same name beside them.
    """
    stats = sorted((p.stat().st_mtime, p.stat().st_size, p) for p in root.rglob("*.np[yz]"))
    total = sum(size for _, size, _ in stats)
    for _, size, path in stats:
        if total <= most_bytes:
            return
        if path.with_suffix("") != keep.with_suffix(""):
            path.unlink(missing_ok=True)
            total -= size
