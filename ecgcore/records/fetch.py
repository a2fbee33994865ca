"""One file over HTTP: resumed where it was cut, verified by SHA-256, renamed when it is right."""

import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx

from ecgcore.errors import DownloadError

_SPARE_BYTES: Final = 64 << 20  # free space that a download leaves to everything else
_TRY_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class DownloadCancelled(DownloadError):
    """The person said stop."""


class DiskFull(DownloadError):
    """There was no space for a file; its part is gone."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a server may take and how often it is asked again without any new byte."""

    attempts: int = 5
    first_wait: float = 0.5  # s, doubled each time
    longest_wait: float = 8.0  # s
    timeout: float = 10.0  # s without a byte


class _Cut(Exception):
    """The transfer broke off; what has come is in the part."""


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """What all files of one download have in common."""

    client: httpx.Client
    base: str  # the folder's address, with a slash at the end
    cancelled: threading.Event
    halted: threading.Event  # set where going on makes no sense, as after another file's failure
    received: Callable[[int], None]  # told of every chunk's bytes
    patience: Patience
    limit: int  # bytes that one file may have at most

    def fetch(self, name: str, part: Path, target: Path, sha256: str) -> None:
        """Fetch ``name`` into ``part``, verify it and rename it to ``target``.

        A part from an earlier try is continued; when the whole then has another checksum, it
        is thrown away and fetched once more from the start. Raises DownloadError when that is
        wrong too, when the server doesn't answer, or when the disk is full; DownloadCancelled.
        """
        for _ in range(2):
            self._complete(name, part)
            if digest(part) == sha256:
                target.parent.mkdir(parents=True, exist_ok=True)
                part.replace(target)
                return
            part.unlink()
        raise DownloadError(
            f"{name} came with a wrong checksum and was thrown away; "
            "try again later or from another network."
        )

    def text(self, name: str, part: Path) -> str:
        """Fetch a small text that can't be verified; ``part`` is its temporary file."""
        part.unlink(missing_ok=True)
        self._complete(name, part)
        try:
            return part.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise DownloadError(f"{name} is not a text; nothing was fetched.") from None
        finally:
            part.unlink()

    def _complete(self, name: str, part: Path) -> None:
        farthest, attempt = -1, 0
        while True:
            try:
                self._transfer(name, part)
            except (httpx.RequestError, _Cut) as error:
                reached = part.stat().st_size if part.exists() else 0
                attempt = 1 if reached > farthest >= 0 else attempt + 1
                farthest = max(farthest, reached)
                if attempt >= self.patience.attempts:
                    raise DownloadError(
                        f"{name} could not be fetched from {httpx.URL(self.base).host}: "
                        f"{_reason(error)}. Check the connection and start again: "
                        "the download goes on from where it stopped."
                    ) from error
                wait = min(
                    self.patience.first_wait * 2 ** (attempt - 1), self.patience.longest_wait
                )
                self.cancelled.wait(wait)
                self.stop_if_cancelled()
            except httpx.InvalidURL as error:
                raise DownloadError(
                    f"{self.base} is no address; mend ECG_PHYSIONET_URL."
                ) from error
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    part.unlink(missing_ok=True)
                    raise DiskFull(
                        f"The disk is full: {name} was not kept. Free some space and start again."
                    ) from error
                raise DownloadError(
                    f"{name} can't be written to {part.parent}: {error.strerror or error}."
                ) from error
            else:
                return

    def _transfer(self, name: str, part: Path) -> None:
        self.stop_if_cancelled()
        part.parent.mkdir(parents=True, exist_ok=True)
        have = part.stat().st_size if part.exists() else 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with self.client.stream("GET", self.base + quote(name), headers=headers) as response:
            match response.status_code:
                case 206 if response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                    mode = "ab"
                case 200:
                    have, mode = 0, "wb"  # from the start: also the answer of who ignores Range
                case 416 if have:
                    return  # nothing after what we have; the checksum tells whether it is right
                case 206:
                    part.unlink()
                    raise _Cut("the server sent another part than the one asked for")
                case code if code in _TRY_AGAIN:
                    raise _Cut(f"the server answered {code}")
                case code:
                    raise DownloadError(
                        f"{name} could not be fetched from {httpx.URL(self.base).host}: "
                        f"the server answered {code} {response.reason_phrase}."
                    )
            if response.url.scheme == "http" and self.base.startswith("https:"):
                raise DownloadError(
                    f"{name}: the server leads to an address without encryption, {response.url}; "
                    "it was not followed."
                )
            require_space(part.parent, _length(response), name)
            with part.open(mode) as file:
                # No chunk size: asked for one, httpx would lose what it had gathered at a cut.
                for chunk in response.iter_raw():
                    have += len(chunk)
                    if have > self.limit:
                        break
                    file.write(chunk)
                    self.received(len(chunk))
                    self.stop_if_cancelled()
                file.flush()
                os.fsync(file.fileno())
        if have > self.limit:
            part.unlink()
            raise DownloadError(
                f"The server sends more of {name} than such a file can have "
                f"({self.limit / 1e6:.0f} MB); it was thrown away."
            )

    def stop_if_cancelled(self) -> None:
        """Raise DownloadCancelled when the person said stop."""
        if self.cancelled.is_set() or self.halted.is_set():
            raise DownloadCancelled(
                "The download was cancelled; what has come is kept, and starting again goes on."
            )


def require_space(folder: Path, wanted: int, what: str) -> None:
    """Raise DownloadError when ``wanted`` bytes, and some to spare, are not free in ``folder``."""
    free = shutil.disk_usage(folder).free
    if free < wanted + _SPARE_BYTES:
        raise DownloadError(
            f"{what} needs {(wanted + _SPARE_BYTES) / 1e6:.0f} MB and {folder} has "
            f"{free / 1e6:.0f} MB free; free some space or set ECG_DATA_DIR to another disk."
        )


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _length(response: httpx.Response) -> int:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else 0


def _reason(error: Exception) -> str:
    match error:
        case httpx.TimeoutException():
            return "the server doesn't answer in time"
        case httpx.ConnectError():
            return "the server can't be reached"
        case httpx.RequestError():
            return "the connection broke off"
        case _:
            return str(error)
