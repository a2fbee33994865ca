"""Out of memory: how a process is kept from taking it all, and how its lack is known."""

import resource
from typing import Final

# What torch says on a CPU, where it has no exception of its own for it.
_WORDS: Final = ("can't allocate memory", "not enough memory", "out of memory")
_NO_ROOM: Final = "failed to map segment"  # the loader's, where a library finds no memory


def limit_memory(megabytes: int | None) -> None:
    """Let this process take so much memory of its own and no more; None for all there is."""
    if megabytes is not None:
        most = megabytes << 20
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, as Python, NumPy, torch or the loader of libraries says it."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, ImportError):
        return _NO_ROOM in str(error)
    return isinstance(error, RuntimeError) and any(word in str(error) for word in _WORDS)
