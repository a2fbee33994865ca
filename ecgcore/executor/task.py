"""What an executor is: something that does one thing to many items, on processes elsewhere."""

import hashlib
import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from ecgcore.errors import EcgError, ExecutorError
from ecgcore.executor.memory import is_out_of_memory
from ecgcore.settings import settings

T = TypeVar("T")
R = TypeVar("R")
Check = Callable[[], None]  # called often; what it raises ends the work

MAX_DEATHS: Final = 3  # of the processes that worked on one item, before it is given up
_ROOT: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Failed:
    """What stands in for an item's result when there is none: a sentence, and a trace of ours."""

    said: str
    trace: str = ""


class Executor(Protocol):
    """Does one function to many items; opened by ``opening.open_executor``."""

    @property
    def name(self) -> str:
        """Where it works, for people."""

    def results(
        self, do: Callable[[T], R], items: Iterable[T], check: Check
    ) -> Iterator[tuple[T, R | Failed]]:
        """Yield each item with ``do(item)``, as they come; only a few are under way at once.

        ``do`` is a module's function and items are plain values: both are pickled. An item whose
        process dies is done by another one, MAX_DEATHS times at most. What ``do`` raises is that
        item's ``Failed``, but for ExecutorError. That is raised when no work can be done any more,
        as is what ``check`` raises; what is under way is given up then.
        """


def places() -> dict[str, str]:
    """Return the environment that workers need: where shared things are, and no secrets.

    The database of jobs is not among it: its address may hold a password.
    """
    known = settings()
    return {
        "ECG_DATA_DIR": str(known.data_dir.absolute()),
        "ECG_HOME": str(known.home.absolute()),
        "ECG_CHECKPOINT_DIR": str(known.checkpoint_dir.absolute()),
        "ECG_CONFIG_DIR": str(known.config_dir.absolute()),
        "ECG_RESULTS_DIR": str(known.results_dir.absolute()),
    }


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return a hash of the package's source: workers must run the same."""
    sha = hashlib.sha256()
    for path in sorted(_ROOT.rglob("*.py")):
        sha.update(f"{path.relative_to(_ROOT).as_posix()}\n".encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()[:16]


def attempt(do: Callable[[Any], Any], item: Any) -> Any:
    """Return ``do(item)``, or Failed with what it raised. ExecutorError is raised on."""
    try:
        return do(item)
    except ExecutorError:
        raise
    except EcgError as error:
        return Failed(said=str(error))
    except Exception as error:
        if is_out_of_memory(error):
            return Failed(said="The memory did not suffice.")
        kind = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return Failed(
            said=f"Something went wrong in the program ({kind}).", trace=traceback.format_exc()
        )


def attempt_elsewhere(
    do: Callable[[Any], Any], item: Any, version: str, where: Mapping[str, str]
) -> Any:
    """``attempt`` in a worker of a cluster, which may be another version's, set up otherwise."""
    if version != code_version():
        raise ExecutorError(
            f"The worker on {os.uname().nodename} runs another version of BeatLens than this "
            "machine; install the same on both."
        )
    os.environ.update(where)
    return attempt(do, item)
