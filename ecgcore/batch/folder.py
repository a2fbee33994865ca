"""Whose a results' folder is: one batch's settings fill it, and never another's beside them.

``OUT/batch.json`` says what filled it. Results of other settings, of another checkpoint or of
another version of the code are refused, or all removed first; recordings that an earlier run did
and this one was not asked for stay, and are told.
"""

import json
from pathlib import Path
from typing import Any, Final

from ecgcore.batch import output
from ecgcore.batch.config import BatchConfig
from ecgcore.batch.record import made_by
from ecgcore.errors import EcgError
from ecgcore.records.database import Database
from ecgcore.strict_json import to_json
from ecgcore.whole_file import write_whole

FILE: Final = "batch.json"  # written anew at the beginning of each run
_IDENTITY: Final = "results_of"
_CHECKPOINT: Final = "checkpoint"
_VERSION: Final = "made_by"


def begin(
    config: BatchConfig, database: Database, digest: str, out: Path, *, replace: bool = False
) -> None:
    """Make ``out`` this batch's folder; ``digest`` is the checkpoint's, "" without one.

    ``replace``: results of another batch are removed. Raises EcgError, naming what differs, where
    there are such and they are to stay, where files are there that may be no batch's, or where
    nothing can be written.
    """
    mine = _identity(config, database, digest)
    document = {**config.to_json(), "checkpoint_digest": digest or None, _IDENTITY: mine}
    try:
        if output.has_results(out):
            there = _written(out)
            if there is None:
                raise EcgError(
                    f"The folder {out} holds files that may be no batch's, as its {FILE} can't be "
                    "read; choose another one."
                )
            different = _differences(there.get(_IDENTITY), json.loads(to_json(mine)))
            if different and not replace:
                raise EcgError(
                    f"The folder {out} holds results of another batch ({'; '.join(different)}); "
                    "choose another one, or have them replaced (--replace)."
                )
            if different:
                output.remove_results(out)
        output.remove_parts_of_all(out, FILE)
        write_whole(out / FILE, (to_json(document, indent=2) + "\n").encode())
    except OSError as error:
        raise EcgError(
            f"The results can't be written to {out} ({error.strerror or error}); choose another "
            "folder."
        ) from error


def _identity(config: BatchConfig, database: Database, digest: str) -> dict[str, Any]:
    *code, _ = made_by(config, digest)
    settings = {"database": database.name, **config.decisive()}
    return {**settings, _CHECKPOINT: digest, _VERSION: code}


def _written(out: Path) -> dict[str, Any] | None:
    """Return what a batch wrote of itself in a folder; None where none did that can be read."""
    try:
        found = json.loads((out / FILE).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "steps" in found else None


def _differences(there: Any, mine: dict[str, Any]) -> list[str]:
    """Return in words what another batch has otherwise; empty where it is the same one."""
    if not isinstance(there, dict):
        return [f"which one its {FILE} does not say"]
    words = []
    different = {
        key: there.get(key) for key in {**mine, **there} if mine.get(key) != there.get(key)
    }
    code = different.pop(_VERSION, None)
    if _CHECKPOINT in different:
        del different[_CHECKPOINT]
        words.append("by another checkpoint")
    words += [f"{key}: {_word(old)}, not {_word(mine.get(key))}" for key, old in different.items()]
    # Which code has a part in the results depends on the settings: where those differ, it may.
    return words or (["by another version of BeatLens"] if code is not None else [])


def _word(value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(map(str, value))
    return "none" if value is None else str(value)
