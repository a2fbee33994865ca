"""A finished training becomes a checkpoint: named, with its card, among the others."""

import re
from dataclasses import replace
from filecmp import cmp
from typing import Final

from ecgcore.errors import JobError
from ecgcore.jobs.job import Job
from ecgcore.jobs.training import result_folder, training_config
from ecgcore.models.checkpoint import list_checkpoints, load_folder, save_checkpoint
from ecgcore.models.meta import WEIGHTS
from ecgcore.settings import settings
from ecgcore.training.card import write_card

# Names are typed in addresses and on command lines.
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}[a-z0-9]")


def check_name(name: str) -> None:
    """Raise JobError, saying what to choose, for a name that no new checkpoint can have."""
    if not _NAME.fullmatch(name):
        raise JobError(
            f"{name!r} can't be a checkpoint's name; take two small letters or digits or more, "
            "with dots, dashes or underscores between them."
        )
    if name in list_checkpoints():
        raise JobError(f"There is a checkpoint {name!r} already; take another name.")


def kept_as(job: Job) -> tuple[str, ...]:
    """Return the names of the checkpoints here that have the weights of a job's result."""
    try:
        made = result_folder(job) / WEIGHTS
    except JobError:
        return ()
    files = {name: settings().checkpoint_dir / name / WEIGHTS for name in list_checkpoints()}
    if not made.is_file():
        return ()
    return tuple(n for n, file in files.items() if file.is_file() and cmp(made, file, False))


def promote(job: Job, name: str, *, title: str = "", purpose: str = "", limits: str = "") -> None:
    """Write a job's network as the checkpoint ``name``, with a card of these words.

    Left out, a word is the job's own. Raises JobError when the name is taken or can't be one, or
    the job has no result here; CheckpointError when it can't be written.
    """
    check_name(name)
    found = load_folder(name, result_folder(job))
    config = training_config(job)
    config = replace(
        config,
        name=name,
        title=title.strip() or config.title,
        purpose=purpose.strip() or config.purpose,
        limits=limits.strip() or config.limits,
    )
    card = write_card(config, found.meta)
    save_checkpoint(settings().checkpoint_dir / name, found.network, found.meta, card)
