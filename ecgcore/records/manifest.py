"""PhysioNet's list of files with their checksums. Its names are foreign and are checked here."""

import re
from pathlib import PurePosixPath
from typing import Final

from ecgcore.errors import DownloadError
from ecgcore.records.names import is_record_name

MANIFEST: Final = "SHA256SUMS.txt"
_LISTS: Final = ("RECORDS", "ANNOTATORS")
_LINE: Final = re.compile(r"([0-9a-fA-F]{64})[ \t]+\*?(\S.*)")


def parse_manifest(text: str, database: str) -> dict[str, str]:
    """Return the SHA-256 (hex, lower case) of each file by its path below the database's folder.

    Hidden files and names that some file system does not allow are left out. Raises
    DownloadError when a line is neither empty nor a checksum with a name, when a name could lead
    out of the folder, or when nothing is listed: such a list is not used in part.
    """
    sums: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        if match is None:
            raise DownloadError(
                f"{MANIFEST} of {database} is not a list of checksums; nothing was fetched. "
                "Perhaps a login page of the network answered: check the connection."
            )
        digest, name = match[1].lower(), match[2].removeprefix("./")
        if _leads_out(name):
            raise DownloadError(
                f"{MANIFEST} of {database} names {name[:80]!r}, which is no file of a database; "
                "nothing was fetched."
            )
        if is_record_name(name) and not any(part.startswith(".") for part in name.split("/")):
            sums[name] = digest
    if not sums:
        raise DownloadError(f"{MANIFEST} of {database} is empty; nothing was fetched.")
    return sums


def stem(name: str) -> str:
    """Return the record that a file belongs to: its path without the last extension."""
    return str(PurePosixPath(name).with_suffix(""))


def _leads_out(name: str) -> bool:
    # By the rules of every system: a list that tries one of these was made to do harm.
    return (
        not name.isprintable()
        or "\\" in name
        or name[1:2] == ":"
        or name.startswith("/")
        or (".." in name.split("/"))
    )


def files_of_records(sums: dict[str, str], records: str | None) -> tuple[str, ...]:
    """Return which files to fetch, in an order that lets each record appear when it is whole.

    ``records`` is the text of RECORDS: pages, pictures and other sets that lie beside the records
    stay away. Without it every file is fetched. A record's header comes last, because the header
    is what makes a record show up in the catalogue.
    """
    if records is None:
        wanted = [name for name in sums if name != MANIFEST]
    else:
        listed = {line.strip() for line in records.splitlines()}
        wanted = [name for name in sums if name in _LISTS or stem(name) in listed]

    def order(name: str) -> tuple[bool, str, bool, str]:
        return name not in _LISTS, stem(name), name.endswith(".hea"), name

    return tuple(sorted(wanted, key=order))
