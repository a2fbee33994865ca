"""Arrays that are kept on disk so as not to be computed twice; nothing is lost without them.

Files are NumPy's npz without pickles, written beside their place and moved there whole. One that
can't be read counts as not there. The oldest are removed beyond a bound.
"""

import logging
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgcore.whole_file import whole_file

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


def prune(root: Path, most_bytes: int, keep: Path) -> None:
    """Remove the oldest npz files under ``root`` beyond ``most_bytes``, but never ``keep``."""
    stats = sorted((p.stat().st_mtime, p.stat().st_size, p) for p in root.rglob("*.npz"))
    total = sum(size for _, size, _ in stats)
    for _, size, path in stats:
        if total <= most_bytes:
            return
        if path != keep:
            path.unlink(missing_ok=True)
            total -= size
