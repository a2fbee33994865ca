"""Files that are written whole or not at all: beside their place, synced, then moved there.

A reader finds the old file or the new one, whatever happens to the writer in between: an
exception, a full disk, kill −9 or a power cut. Only kill −9 and a power cut leave the new file's
beginning beside it (``remove_parts``).
"""

import contextlib
import glob
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that becomes ``path`` when the block has ended well; folders are made.

    Raises OSError as the disk does. What was there before stays then, and nothing is left of the
    new one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Named by its writer: two processes or threads that write the same file don't meet.
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, as ``whole_file``."""
    with whole_file(path) as file:
        file.write(content)


def remove_parts(path: Path) -> None:
    """Remove what killed writers of ``path`` left beside it. Raises OSError.

    Only for one who knows that nobody else is writing it: that writer would fail.
    """
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring to the disk which files a folder holds."""
    # Windows opens no folders; there the rename alone must do.
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
