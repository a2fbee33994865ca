"""One benchmark, run by name: what the runner's child process does."""

import datetime
import importlib
import os
import platform
from typing import Any


def measure(name: str) -> dict[str, Any] | None:
    """Return one benchmark's title, figures and circumstances; None for a module without run."""
    module = importlib.import_module(f"benchmarks.{name}")
    if not hasattr(module, "run"):
        return None
    return {
        "title": (module.__doc__ or name).strip().splitlines()[0].rstrip("."),
        "figures": module.run(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}",
    }
