"""A small database as a server publishes it, and how tests fetch it."""

import hashlib
from dataclasses import replace
from pathlib import Path

from ecgcore.records.download import Downloaded, download
from ecgcore.records.fetch import Patience
from ecgcore.records.physionet import source
from tests.records.file_server import FileServer

SVDB = source("svdb")


ROOT = "/svdb/1.0.0/"


# Asked again at once; for a server that answers, however busy the machine is.
EAGER = Patience(attempts=3, first_wait=0.01, longest_wait=0.02, timeout=60)
# For one that does not answer.
HURRY = replace(EAGER, timeout=0.5)


def sums(files: dict[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(data).hexdigest()} {name}" for name, data in files.items()]
    return ("\n".join(lines) + "\n").encode()


def fetch(server: FileServer, folder: Path, **options) -> Downloaded:
    options.setdefault("patience", EAGER)
    return download(SVDB, folder=folder, base=server.base, **options)


def names(folder: Path) -> set[str]:
    """Return what stands in the folder under its own name."""
    return {
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_file() and ".download" not in p.parts
    }


def expect_right(folder: Path, published: dict[str, bytes]) -> None:
    for name in names(folder) - {"SHA256SUMS.txt"}:
        assert (folder / name).read_bytes() == published[name]
