"""The league table of the methods of every checkpoint, in ``results/faithfulness.json``.

Which one is recommended for a checkpoint, by a rule and never by hand, is in ``recommend``.

Written whole after every checkpoint; one that is there for the same weights, beats, seed and
version of the measurement is left alone, so an interrupted run goes on where it was.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from ecgcore.errors import EcgError
from ecgcore.explain.registry import EXPLAINERS
from ecgcore.faithfulness.measure import baselines, judge, offered, prepare, settings_of
from ecgcore.faithfulness.recommend import Entry, recommend
from ecgcore.faithfulness.sample import CHECKED, draw_beats
from ecgcore.models.checkpoint import Checkpoint, checkpoint_digest, load_checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.records.database import Database
from ecgcore.records.splits import select_records
from ecgcore.settings import settings
from ecgcore.strict_json import readable_json, to_json
from ecgcore.whole_file import write_whole

# Raise it with every change of what is measured or of how.
VERSION: Final = 2
NAME: Final = "faithfulness.json"

Say = Callable[[str], None]


def read_league() -> dict[str, Entry]:
    """Return each checkpoint's entry; empty where nothing was measured yet. Raises EcgError."""
    path = settings().results_dir / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        entries: dict[str, Entry] = found["checkpoints"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EcgError(f"{path} can't be read ({error}); restore or remove it.") from None
    return entries


def entry_of(entries: dict[str, Entry], name: str, digest: str) -> Entry | None:
    """Return a checkpoint's entry; None where it has none for these weights and this measurement.

    An entry of an earlier version lacks figures that are shown.
    """
    entry = entries.get(name)
    made = None if entry is None else (entry.get("digest"), entry.get("version"))
    return entry if made == (digest, VERSION) else None


def test_set(meta: CheckpointMeta, there: dict[str, Database]) -> tuple[Database, str]:
    """Return the database and group that a checkpoint's protocol tests on. Raises EcgError."""
    base, _, group = meta.protocol.test.partition(" ")
    if base not in there:
        raise EcgError(f"The checkpoint is tested on {meta.protocol.test!r}, which is not here.")
    return there[base], group or "all"


def up_to_date(name: str, beats: int, checked: int, seed: int) -> bool:
    """Return whether an entry was measured on these weights, by this, with this seed.

    And on so many beats or more, ``checked`` of them or more (or all there were) again and again.
    """
    entry = read_league().get(name)
    if entry is None or entry["beats_asked"] < beats:
        return False
    used = entry["settings"]
    if used["checked_beats"] < min(checked, used["beats"]):
        return False
    made = entry["digest"], entry["version"], used["seed"]
    return made == (checkpoint_digest(name), VERSION, seed)


def run_league(
    names: Sequence[str],
    there: dict[str, Database],
    *,
    beats: int,
    checked: int = CHECKED,
    seed: int = 0,
    say: Say = lambda _: None,
) -> dict[str, Entry]:
    """Measure what is missing of checkpoints ``names`` and return their entries.

    Raises EcgError as loading a checkpoint and its recordings does.
    """
    for name in names:
        if up_to_date(name, beats, checked, seed):
            say(f"{name}: measured before")
            continue
        checkpoint = load_checkpoint(name)
        entry = measure(checkpoint, there, beats=beats, checked=checked, seed=seed, say=say)
        _write(name, entry)
    entries = read_league()
    return {name: entries[name] for name in names}


def measure(
    checkpoint: Checkpoint,
    there: dict[str, Database],
    *,
    beats: int,
    checked: int = CHECKED,
    seed: int = 0,
    say: Say = lambda _: None,
) -> Entry:
    """Return a checkpoint's entry: all methods on beats of its own test recordings."""
    base, group = test_set(checkpoint.meta, there)
    judged = draw_beats(
        checkpoint,
        base,
        select_records(group, base.records),
        beats=beats,
        checked=checked,
        seed=seed,
        progress=lambda done, of, what: say(f"{checkpoint.name}: {done + 1} of {of}, {what}"),
    )
    say(f"{checkpoint.name}: random orders")
    ground = prepare(checkpoint, judged, seed=seed)
    methods = {}
    for method in offered(checkpoint.network):
        say(f"{checkpoint.name}: {method}")
        methods[method] = judge(method, ground)
    return {
        "digest": checkpoint.digest,
        "version": VERSION,
        "beats_asked": beats,
        "database": base.name,
        "records": group,
        "protocol": checkpoint.meta.protocol.name,
        "settings": settings_of(ground),
        "baselines": baselines(ground),
        "methods": methods,
        "refused": {
            name: reason
            for name, one in EXPLAINERS.items()
            if (reason := one.refuses(checkpoint.network))
        },
        "recommended": recommend(methods, ground.groups.beats, seed),
    }


def rounded(value: Any) -> Any:
    """Return plain values with five decimals: more is noise, and the file is read by people."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


def _write(name: str, entry: Entry) -> None:
    path = settings().results_dir / NAME
    plain = rounded(json.loads(to_json(entry)))
    document = {"format": 1, "checkpoints": {**read_league(), name: plain}}
    try:
        write_whole(path, readable_json(document).encode())
    except OSError as error:
        raise EcgError(f"{path} can't be written: {error.strerror}.") from error
