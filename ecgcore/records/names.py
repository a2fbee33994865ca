"""Which names a record or one of its files may have, and where the file must lie.

A header is foreign text, and it names other files: every name goes through here before a path is
made of it, so that none can lead out of the database's folder or to a device.
"""

import re
from pathlib import Path
from typing import Final

from ecgcore.errors import RecordError

# Reserved on Windows with any extension; refused everywhere, so that a database can travel.
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?")
_MAX_NAME: Final = 200


def is_plain_name(name: str) -> bool:
    """Tell whether ``name`` can be one part of a path: no separator, no control character, ….

    Any alphabet is welcome. Refused are empty names, ``.`` and ``..``, names with ``/ \\ :`` or
    an unprintable character, the device names of Windows, and a dot or a blank at the end.
    """
    return (
        0 < len(name) <= _MAX_NAME
        and name.isprintable()
        and not any(sign in name for sign in '/\\:*?"<>|')
        and not name.endswith((".", " "))
        and not _DEVICES.fullmatch(name)
    )


def is_record_name(name: str) -> bool:
    """Tell whether ``name`` is a relative, slash-separated path of plain names."""
    return all(is_plain_name(part) for part in name.split("/"))


def inside(root: Path, path: Path) -> Path:
    """Return ``path`` with links resolved; raise RecordError if that leads out of ``root``."""
    resolved = path.resolve()
    if not resolved.is_relative_to(root.resolve()):
        raise RecordError(
            f"{path.name} leads out of the folder {root.name}; put the file itself there."
        )
    return resolved
