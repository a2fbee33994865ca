"""What a training will cost: time from a measured rate, memory from a measured process."""

import hashlib
import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from ecgcore.errors import JobError
from ecgcore.jobs.engine import JobDatabase
from ecgcore.storage.tables import RATES
from ecgcore.strict_json import to_json
from ecgcore.training.config import TrainConfig

_ROOT: Final = Path(__file__).resolve().parents[2]
_PROBE_S: Final = 120.0  # more than any probe takes; a hung one must not hang the page
# Classifying a beat costs about a third of learning from it: no backward pass.
_SCORING: Final = 1 / 3

Counts = Mapping[str, Mapping[str, int]]  # recording -> class -> beats


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How fast one network learns from one kind of input, measured on ``host``."""

    host: str
    beats_per_second: float
    megabytes: float | None = None  # of the process, without the recordings' beats
    weights: int | None = None
    values: int | None = None  # numbers a beat
    measured: str = "by a probe"  # or: by a training


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a run will take."""

    beats: int  # learnt from, over all epochs, folds and seeds
    seconds: float
    megabytes: float | None


def shape_of(config: TrainConfig) -> str:
    """Return a hash of what the rate depends on: network, input, batch, number of classes."""
    plain = asdict(config)
    parts = [
        plain["architecture"],
        plain["network"],
        plain["input"],
        config.optimisation.batch,
        len(config.classes),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def stored_rate(database: JobDatabase, config: TrainConfig) -> Rate | None:
    """Return the last measured rate of such a network: on this machine, else on any."""
    wanted = select(RATES).where(RATES.c.shape == shape_of(config))
    rows = database.look(lambda c: c.execute(wanted).mappings().all())
    here = sorted(rows, key=lambda row: row["host"] != socket.gethostname())
    return Rate(**json.loads(here[0]["figures"])) if here else None


def keep_rate(database: JobDatabase, config: TrainConfig, rate: Rate) -> None:
    """Keep a rate in the place of the one before; what a probe alone knows is kept."""
    before = stored_rate(database, config)
    if before is not None and before.host == rate.host and rate.megabytes is None:
        rate = Rate(
            **{
                **asdict(before),
                "beats_per_second": rate.beats_per_second,
                "measured": rate.measured,
            }
        )
    place = (RATES.c.shape == shape_of(config)) & (RATES.c.host == rate.host)

    def put(connection: Connection) -> None:
        connection.execute(delete(RATES).where(place))
        connection.execute(
            insert(RATES).values(
                shape=shape_of(config), host=rate.host, figures=to_json(asdict(rate))
            )
        )

    database.work(put)


def measure(config: TrainConfig) -> Rate:
    """Measure the rate with random beats, some seconds, in a process of its own.

    Raises JobError when the settings can't be run.
    """
    try:
        found = subprocess.run(
            [sys.executable, "-m", "ecgcore.jobs.probe"],
            input=json.dumps(asdict(config)),
            capture_output=True,
            text=True,
            cwd=_ROOT,
            timeout=_PROBE_S,
        )
    except subprocess.TimeoutExpired:
        raise JobError(
            "One batch takes longer than a minute here; take a smaller network or batch."
        ) from None
    if found.returncode:
        last = found.stderr.strip().splitlines()[-1:] or [f"exit code {found.returncode}"]
        raise JobError(f"The training can't be tried out: {last[0]}")
    return Rate(**json.loads(found.stdout))


def estimate(config: TrainConfig, counts: Counts, rate: Rate) -> Cost:
    """Return the cost of a run on recordings with these ``counts`` of beats.

    The fit to all patients is counted with all epochs; folds may choose fewer.
    """
    how = config.optimisation
    held = [set(fold) for fold in config.folds]
    learnt = _epoch(config, counts)
    scored = 0
    for fold in held:
        learnt += _epoch(config, {k: v for k, v in counts.items() if k not in fold})
        scored += sum(_sum(counts, config, k) for k in fold if k in counts)
    times = how.epochs * len(config.seeds)
    memory = None
    if rate.megabytes is not None and rate.values is not None:
        every = sum(_sum(counts, config, record) for record in counts)
        copies = 2 + bool(held)  # as read, joined, and a fold's part of them
        memory = rate.megabytes + copies * every * rate.values * 4 / 2**20
    seconds = times * (learnt + _SCORING * scored) / rate.beats_per_second
    return Cost(beats=times * learnt, seconds=seconds, megabytes=memory)


def _sum(counts: Counts, config: TrainConfig, record: str) -> int:
    known = config.classes or tuple(counts[record])
    return sum(counts[record].get(name, 0) for name in known)


def _epoch(config: TrainConfig, counts: Counts) -> int:
    """Return how many beats one epoch trains on."""
    if config.task == "identity":
        total = sum(_sum(counts, config, record) for record in counts)
        return round(total * (config.split.fraction if config.split else 1))
    by_class = [sum(one.get(name, 0) for one in counts.values()) for name in config.classes]
    majority = config.optimisation.majority_per_epoch
    if majority and by_class:
        by_class[by_class.index(max(by_class))] = min(max(by_class), majority)
    share = config.split.fraction if config.split else 1
    return round(sum(by_class) * share)
