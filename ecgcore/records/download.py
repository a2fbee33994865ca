"""A whole database from PhysioNet into the data folder, safely repeatable.

What is there already is verified and kept, what is missing or differs is fetched, and a file that
differed is set aside, for it may be somebody's own. A database is right when every file has the
SHA-256 of the published list, never because its size fits. The list itself is trusted because it
comes over HTTPS from PhysioNet; its names are not.
"""

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

import httpx

from ecgcore.errors import DownloadError
from ecgcore.records.fetch import DiskFull, Fetcher, Patience, digest, require_space
from ecgcore.records.lock import exclusive
from ecgcore.records.manifest import MANIFEST, files_of_records, parse_manifest, stem
from ecgcore.records.names import inside
from ecgcore.records.physionet import Source
from ecgcore.settings import settings

_WORK: Final = ".download"  # parts and the lock, within the database's folder
_ASIDE: Final = "replaced"  # within that: files that differed from the published ones
# Databases are many small files, so most of the time goes into waiting for answers.
_CONNECTIONS: Final = 4


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a download is."""

    files_done: int = 0  # verified, fetched now or found
    files_total: int = 0  # 0 until the list of files has come
    bytes_received: int = 0  # in this run
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Downloaded:
    """What a finished download did."""

    name: str
    folder: Path
    files: int  # all of them verified
    fetched: int  # of those, how many were not there or wrong
    bytes_received: int
    replaced: tuple[str, ...] = ()  # of those fetched, files that differed and were set aside

    @property
    def summary(self) -> str:
        """What was done, in a sentence."""
        text = f"{self.name} is complete: {self.files} files verified, {self.fetched} fetched."
        if self.replaced:
            aside = self.folder / _WORK / _ASIDE
            text += f" {len(self.replaced)} that differed were set aside in {aside}."
        return text


def download(
    source: Source,
    *,
    folder: Path | None = None,
    base: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: threading.Event | None = None,
    patience: Patience | None = None,
) -> Downloaded:
    """Fetch a database into ``folder`` (default: its name under the data folder).

    ``base`` replaces PhysioNet's address (default: the setting), ``progress`` is called by one
    thread at a time, ``cancelled`` ends the download at the next chunk. Raises DownloadError with a
    sentence for people; whatever happens, only verified files stand under their own names.
    """
    folder = folder or settings().data_dir / source.name
    work = folder / _WORK
    try:
        work.mkdir(parents=True, exist_ok=True)
        with exclusive(work / "lock") as ours:
            if not ours:
                raise DownloadError(
                    f"{source.name} is being downloaded already; wait until that is done."
                )
            run = _Run(source, folder, progress or (lambda _: None))
            return run.download(
                source.url(base or settings().physionet_url),
                cancelled or threading.Event(),
                patience or Patience(),
            )
    except OSError as error:
        raise DownloadError(
            f"{source.name} can't be written to {folder}: {error.strerror or error}. "
            "Set ECG_DATA_DIR to a folder that can be written to."
        ) from error


class _Run:
    def __init__(self, source: Source, folder: Path, tell: Callable[[Progress], None]) -> None:
        self.source, self.folder, self.tell = source, folder, tell
        self.work = folder / _WORK
        self.received = self.done = self.total = self.fetched = 0
        self.file = MANIFEST
        self.replaced: list[str] = []
        self.lock = threading.Lock()
        self.halted = threading.Event()  # one file failed: the others need not go on

    def download(self, url: str, cancelled: threading.Event, patience: Patience) -> Downloaded:
        timeout = httpx.Timeout(patience.timeout)
        with httpx.Client(timeout=timeout, follow_redirects=True) as client:
            fetcher = Fetcher(
                client=client,
                base=url,
                cancelled=cancelled,
                halted=self.halted,
                received=self.count,
                patience=patience,
                # No single file is larger than twice what the database has in all.
                limit=2_000_000 * self.source.megabytes + 10_000_000,
            )
            return self.files(fetcher)

    def files(self, fetcher: Fetcher) -> Downloaded:
        self.report()
        text = fetcher.text(MANIFEST, self.part(MANIFEST))
        sums = parse_manifest(text, self.source.name)
        records = None
        if "RECORDS" in sums:
            self.obtain(fetcher, "RECORDS", sums["RECORDS"])
            records = (self.folder / "RECORDS").read_text(encoding="utf-8", errors="replace")
        names = files_of_records(sums, records)
        self.total = len(names)
        missing = not all((self.folder / name).exists() for name in names)
        if missing:
            about = self.source.megabytes * 1_000_000 - self.present(names)
            require_space(self.folder, max(about, 0), self.source.name)
        self.obtain_all(fetcher, names, sums)
        part = self.part(MANIFEST)
        part.write_text(text, encoding="utf-8")
        part.replace(self.folder / MANIFEST)
        return Downloaded(
            name=self.source.name,
            folder=self.folder,
            files=self.total,
            fetched=self.fetched,
            bytes_received=self.received,
            replaced=tuple(sorted(self.replaced)),
        )

    def obtain_all(self, fetcher: Fetcher, names: tuple[str, ...], sums: dict[str, str]) -> None:
        """Make all files right, some records at a time, each record's files in their order."""

        def one_record(files: list[str]) -> None:
            for name in files:
                self.report(file=name)
                self.obtain(fetcher, name, sums[name])
                self.report(done=1)

        with ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="fetch") as pool:
            records = [list(files) for _, files in groupby(names, key=stem)]
            try:
                for record in as_completed([pool.submit(one_record, files) for files in records]):
                    record.result()
            except BaseException as error:
                self.halted.set()
                pool.shutdown(cancel_futures=True)
                if isinstance(error, DiskFull):
                    for part in self.work.rglob("*.part"):
                        part.unlink()
                raise

    def obtain(self, fetcher: Fetcher, name: str, sha256: str) -> None:
        """Fetch ``name`` unless it is there and right."""
        target = inside(self.folder, self.folder / name)
        fetcher.stop_if_cancelled()
        if target.is_file() and digest(target) == sha256:
            return
        aside = self.set_aside(name, target) if target.is_file() else None
        fetcher.fetch(name, self.part(name), target, sha256)
        with self.lock:
            self.fetched += 1
            if aside is not None:
                self.replaced.append(name)

    def set_aside(self, name: str, target: Path) -> Path:
        """Keep a second name for a file that differs; it stays in place until it is replaced."""
        aside = inside(self.folder, self.work / _ASIDE / name)
        aside.parent.mkdir(parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        try:
            os.link(target, aside)
        except OSError:  # a file system without hard links
            shutil.copy2(target, aside)
        return aside

    def part(self, name: str) -> Path:
        return inside(self.folder, self.work / f"{name}.part")

    def present(self, names: tuple[str, ...]) -> int:
        paths = [p for name in names for p in (self.folder / name, self.part(name))]
        return sum(p.stat().st_size for p in paths if p.is_file())

    def count(self, received: int) -> None:
        self.report(received=received)

    def report(self, *, file: str | None = None, done: int = 0, received: int = 0) -> None:
        with self.lock:
            self.file = file or self.file
            self.done += done
            self.received += received
            self.tell(
                Progress(
                    files_done=self.done,
                    files_total=self.total,
                    bytes_received=self.received,
                    file=self.file,
                )
            )
