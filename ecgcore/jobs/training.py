"""A training as a job: what names it, what it is kept as, and its run.

Light to import: torch comes with ``run``.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ecgcore.errors import JobError
from ecgcore.jobs.claim import Claim
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.jobs.pulse import Pulse
from ecgcore.jobs.store import submit
from ecgcore.records.catalog import database
from ecgcore.records.database import Database
from ecgcore.records.reader import content_hash
from ecgcore.records.splits import select_records
from ecgcore.settings import settings
from ecgcore.training.config import TrainConfig, check_config
from ecgcore.training.metrics import headline_f1

KIND: Final = "train"
# Words for people: they change nothing that is trained.
_WORDS: Final = ("name", "title", "purpose", "limits", "choices")


def submit_training(jobs: JobDatabase, config: TrainConfig) -> Job:
    """Put a training into the queue; the same one that is there already is joined.

    The same: every setting but the words, the content of the recordings, and the network's code.
    Raises EcgError when the settings, or the recordings there are, don't serve.
    """
    from ecgcore.training.checks import check_run

    source = database(config.database)
    tested = database(config.test_database or config.database)
    check_run(config, source.records, tested.records)
    return submit(
        jobs,
        id=training_id(config),
        kind=KIND,
        title=config.title,
        config=json.loads(json.dumps(asdict(config))),
    )


def training_id(config: TrainConfig) -> str:
    """Return the hash that names a training."""
    from ecgcore.models.code import network_code
    from ecgcore.training.setup import CHANGES

    plain = {key: value for key, value in asdict(config).items() if key not in _WORDS}
    trains, tests = database(config.database), database(config.test_database or config.database)
    data = [
        _content(trains, config.train),
        _content(tests, config.test),
    ]
    code = [network_code(config.architecture), *CHANGES]
    text = json.dumps([plain, data, code], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def training_config(job: Job) -> TrainConfig:
    """Return what a job trains. Raises EcgError where this version can't read it any more."""
    return check_config(job.config, f"The job {job.id}")


def result_folder(job: Job) -> Path:
    """Return the folder of a finished job's checkpoint. Raises JobError where there is none."""
    folder = settings().home / "jobs" / job.id / str(job.result.get("folder", ""))
    if job.state != "done" or not (folder / "config.json").is_file():
        raise JobError(
            f"The job {job.id} has no checkpoint here: it is {job.state}, or was trained by a "
            "machine whose ECG_HOME is another folder."
        )
    return folder


def run(claim: Claim, pulse: Pulse) -> Callable[[], None]:
    """Train what the job says, and return what ends it as done.

    The checkpoint goes into a folder of this claim's own, written whole: one that a worker without
    a lease still writes is another's. Where an earlier claim had written its checkpoint and was
    killed before it could say so, that is the result: the same training gives the same. Raises
    what ``train_seeds`` and ``Pulse.check`` raise.
    """
    from ecgcore.jobs.watcher import JobWatcher
    from ecgcore.models.checkpoint import CONFIG
    from ecgcore.models.meta import read_meta_file
    from ecgcore.training.loop import train_seeds

    config = training_config(claim.job)
    folder = settings().home / "jobs" / claim.job.id
    there = sorted(path.parent.name for path in folder.glob(f"[0-9]*/{CONFIG}"))
    if not there:
        watcher = JobWatcher(claim, pulse, config)
        command = f"the Train page or `jobs start`, job {claim.job.id}"
        train_seeds(config, folder / str(claim.fence), command=command, watcher=watcher)
    name = there[0] if there else str(claim.fence)
    figures = read_meta_file(claim.job.id, folder / name / CONFIG).metrics["seeds"]
    return lambda: claim.end("done", _summary(figures), {"figures": figures, "folder": name})


def _summary(figures: Sequence[Mapping[str, Any]]) -> str:
    known = [headline_f1(one["macro"]) for one in figures]
    scores = [100 * score for score in known if score is not None]
    if not scores:
        return "Trained. The test beats have no macro F1: classes are missing among them."
    seeds = "one seed" if len(scores) == 1 else f"the mean of {len(scores)} seeds"
    return f"Trained. Macro F1 on the test beats: {sum(scores) / len(scores):.2f} % ({seeds})."


def _content(source: Database, wanted: str) -> list[str]:
    """Return what names the recordings' content: files' times say nothing on another machine."""
    records = select_records(wanted, source.records)
    return [source.name, *(content_hash(source, record) for record in records)]
