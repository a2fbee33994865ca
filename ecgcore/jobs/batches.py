"""A batch as a job: what names it, where its results are, and its run.

The job names what is to be done now; its folder is named by the settings, the checkpoint and the
code's version, so that the same batch of recordings that have changed goes on from what was done
before, and another checkpoint's results never come among them.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from ecgcore.batch.config import BatchConfig, batch_config, source
from ecgcore.batch.record import made_by
from ecgcore.batch.run import BatchProgress, check_batch, run_batch
from ecgcore.errors import EcgError
from ecgcore.jobs.claim import Claim
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.jobs.pulse import Pulse
from ecgcore.jobs.store import redo, submit
from ecgcore.models.checkpoint import checkpoint_digest
from ecgcore.settings import settings
from ecgcore.strict_json import to_json

KIND: Final = "batch"
STAGE: Final = "batch"  # under which its figures are kept
_TELL_S: Final = 1.0
_FOLDER: Final = "folder"  # of the results, among a job's settings
_LOGGED: Final = 200  # failures in the log; the summary has them all


def submit_batch(jobs: JobDatabase, config: BatchConfig) -> Job:
    """Put a batch into the queue; the same one that is there already is joined.

    The same: settings, checkpoint, this version's code, and the recordings' files by their sizes
    and times. One that is done goes on where recordings could not be analysed (memory may suffice
    now) or its results are gone. Raises EcgError when it can't be begun.
    """
    count = check_batch(config)
    who = f" by {config.checkpoint}" if config.classifies else ""
    noun = "recording" if count == 1 else "recordings"
    job = submit(
        jobs,
        id=batch_id(config),
        kind=KIND,
        title=f"{config.database}, {count:,} {noun}{who}: {', '.join(config.steps)}",
        config={**config.to_json(), _FOLDER: _folder(config)},
    )
    if job.state == "done" and (job.result.get("failed") or not batch_folder(job).is_dir()):
        return redo(jobs, job.id)
    return job


def batch_id(config: BatchConfig) -> str:
    """Return the hash that names a batch of the recordings as they are now."""
    return _hash([_folder(config), _state(source(config).root)])


def job_config(job: Job) -> BatchConfig:
    """Return what a job analyses. Raises EcgError where this version can't read it any more."""
    return batch_config(job.config, f"The job {job.id}")


def batch_folder(job: Job) -> Path:
    """Return where the results of a batch are."""
    return settings().home / "batches" / str(job.config.get(_FOLDER, job.id))


def run(claim: Claim, pulse: Pulse) -> Callable[[], None]:
    """Do the batch that the job says, and return what ends it as done.

    Raises what ``run_batch`` and ``Pulse.check`` raise, and EcgError where the checkpoint is
    another one than when it was asked for.
    """
    from ecgcore.executor.opening import open_executor

    config = job_config(claim.job)
    if _folder(config) != claim.job.config.get(_FOLDER):
        raise EcgError(
            "The checkpoint, the folder of recordings or BeatLens itself is another one than when "
            "this batch was asked for; start it anew."
        )
    begun = told = time.monotonic()
    logged = 0

    def tell(now: BatchProgress) -> None:
        nonlocal told, logged
        if now.failure is not None and logged < _LOGGED:
            logged += 1
            claim.log(f"{now.record}: {now.failure.said}")
            if now.failure.trace:
                claim.log(now.failure.trace)
        if time.monotonic() - told >= _TELL_S or now.done == now.of:
            told = time.monotonic()
            claim.epoch(STAGE, 1, _figures(now, told - begun), now.done, now.of)

    with open_executor() as executor:
        claim.log(f"On {executor.name}.")
        ended = run_batch(
            config, batch_folder(claim.job), executor, check=pulse.check, progress=tell
        )
    said = f"Analysed {ended.done - ended.failed:,} of {ended.of:,} recordings"
    if ended.before:
        said += f", {ended.before:,} of them before"
    if ended.failed:
        said += f"; {ended.failed:,} could not be, the summary says why"
    result = {"done": ended.done, "failed": ended.failed, "before": ended.before}
    if ended.others:
        said += (
            f". Of {_some(ended.others)}, which were not asked for, there are results from before"
        )
    return lambda: claim.end("done", f"{said}.", result)


def _figures(now: BatchProgress, seconds: float) -> dict[str, Any]:
    """Return what is known of a running batch; ``seconds`` since it began or went on."""
    fresh = now.done - now.before
    left = (now.of - now.done) * seconds / fresh if fresh else None
    return {"failed": now.failed, "before": now.before, "record": now.record, "seconds_left": left}


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more:,} more" if more > 0 else "")


def _folder(config: BatchConfig) -> str:
    """Return a hash of all that its results depend on, but for the recordings' content."""
    digest = checkpoint_digest(config.checkpoint) if config.classifies else ""
    where = str(source(config).root.resolve())
    return _hash([config.to_json(), where, made_by(config, digest)])


def _state(root: Path) -> str:
    """Return a hash of the names, sizes and times of all files in a folder."""
    sha = hashlib.sha256()
    for where, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = Path(where, name)
            try:
                stat = path.stat()
            except OSError:  # removed meanwhile, or a link to nowhere
                continue
            state = f"{path.relative_to(root)}:{stat.st_size}:{stat.st_mtime_ns}\n"
            sha.update(os.fsencode(state))
    return sha.hexdigest()


def _hash(parts: Any) -> str:
    return hashlib.sha256(to_json(json.loads(json.dumps(parts))).encode()).hexdigest()[:12]
