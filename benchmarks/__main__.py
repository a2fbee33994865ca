"""``python -m benchmarks [NAME …]``: run them all, or those named, and write down the figures.

A benchmark is a module of this folder with ``run() -> dict`` of plain values and a docstring whose
first line says what is measured. Each runs in a process of its own. ``results.json`` keeps the
last figures of each and the table in ``README.md`` is made from it.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks._measure import measure

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"
README = FOLDER / "README.md"
BEGIN, END = "<!-- figures: made by python -m benchmarks -->", "<!-- /figures -->"


def main() -> int:
    """Return 0, or 1 when a benchmark failed (its last figures stay)."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"among {', '.join(names)}")
    wanted = parser.parse_args().names or names
    if unknown := set(wanted) - set(names):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    failed = False
    for name in wanted:
        try:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                found = pool.submit(measure, name).result()
        except Exception as error:
            print(f"{name}: failed: {error}", file=sys.stderr)
            failed = True
            continue
        if found is None:
            continue
        print(json.dumps({name: found}))
        # Read only now: another run may have written its figures meanwhile.
        results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        results[name] = found
        RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
        README.write_text(with_table(README.read_text(), results))
    return int(failed)


def with_table(page: str, results: Mapping[str, Any]) -> str:
    """Return the page with its table of figures replaced."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    lines = ["| benchmark | figures | measured |", "|---|---|---|"]
    for name, found in sorted(results.items()):
        figures = "<br>".join(
            f"{key.replace('_', ' ')}: {_readable(value)}"
            for key, value in found["figures"].items()
        )
        measured = f"{found['date']}, {found['machine']}"
        lines.append(f"| `{name}`: {found['title']} | {figures} | {measured} |")
    return f"{head}{BEGIN}\n{chr(10).join(lines)}\n{END}{tail}"


def _readable(value: object) -> str:
    match value:
        case bool() | int() | str() | None:
            return str(value)
        case float():
            return f"{value:.4g}"
        case list() | tuple():
            return " × ".join(map(_readable, value))
        case dict():
            return ", ".join(f"{key} {_readable(item)}" for key, item in value.items())
        case _:
            return str(value)


if __name__ == "__main__":
    sys.exit(main())
