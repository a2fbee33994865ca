"""A process that claims and ends tiny jobs until there is none: ``URL FOLDER NAME``."""

import sys
from pathlib import Path

from ecgcore.jobs.claim import claim
from ecgcore.jobs.engine import JobDatabase


def main(url: str, folder: str, name: str) -> None:
    database = JobDatabase(url, patience=60)
    while (mine := claim(database, name, lease=60, kinds=("tiny",))) is not None:
        # Appending is how a job that is done twice would show.
        with (Path(folder) / mine.job.id).open("a") as file:
            file.write(f"{name}\n")
        mine.end("done", "Done.")


main(*sys.argv[1:])
