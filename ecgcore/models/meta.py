"""What travels with a network's weights: everything that is needed to use them as they were used.

Plain JSON, read without torch, so that a list of checkpoints costs milliseconds.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from ecgcore.errors import CheckpointError, EcgError
from ecgcore.features.inputs import InputSpec
from ecgcore.schema import Protocol

FORMAT: Final = 1
WEIGHTS: Final = "weights.safetensors"  # the file beside it
# A description is some kilobytes; anything far larger is not one of ours.
MAX_BYTES: Final = 4 << 20

Task = Literal["beat-class", "identity"]


@dataclass(frozen=True, kw_only=True)
class CheckpointMeta:
    """A checkpoint's ``config.json``."""

    architecture: str  # a name of models.registry.NETWORKS
    config: dict[str, Any]  # the network's sizes
    task: Task
    input: InputSpec  # how a beat becomes the network's input
    classes: tuple[str, ...]  # in the order of the logits
    lead: str | None  # the lead it was trained on; None: MLII, else the first
    fs: float  # Hz, of the recordings it was trained on
    protocol: Protocol
    seed: int
    data_hash: str  # of the inputs, labels and records it was trained on
    metrics: dict[str, Any] = field(default_factory=dict)  # on the protocol's test set
    training: dict[str, Any] = field(default_factory=dict)  # epochs, choice, command, ...
    context: bool = False  # what it says of a beat is put in the context of the recording's others
    format: int = FORMAT

    @property
    def home(self) -> str:
        """The database it was trained on: the first word of ``protocol.train``."""
        return self.protocol.train.partition(" ")[0]

    @property
    def away(self) -> str:
        """The database its protocol tests on, the same or another: of ``protocol.test``."""
        return self.protocol.test.partition(" ")[0]


def meta_to_json(meta: CheckpointMeta) -> dict[str, Any]:
    """Return ``meta`` as plain JSON values."""
    plain = {item.name: getattr(meta, item.name) for item in fields(meta)}
    return {
        "format": meta.format,
        **plain,
        "input": meta.input.to_json(),
        "classes": list(meta.classes),
        "protocol": asdict(meta.protocol),
    }


def meta_from_json(name: str, plain: Any) -> CheckpointMeta:
    """Return the meta of checkpoint ``name`` from what its JSON file held.

    Raises CheckpointError when it comes from a newer version of BeatLens or lacks something.
    """
    if not isinstance(plain, dict):
        raise CheckpointError(f"Checkpoint {name}: config.json holds no JSON object; {_REPLACE}.")
    version = plain.get("format")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise CheckpointError(
            f"Checkpoint {name}: config.json says no format version; it was not written by "
            f"BeatLens. {_REPLACE.capitalize()}."
        )
    if version > FORMAT:
        raise CheckpointError(
            f"Checkpoint {name} has format {version}, from a newer version of BeatLens (this one "
            f"reads up to {FORMAT}); update BeatLens to use it."
        )
    known = {item.name for item in fields(CheckpointMeta)}
    try:
        return _checked(
            CheckpointMeta(
                **{
                    **{key: value for key, value in plain.items() if key in known},
                    "input": InputSpec.from_json(plain["input"]),
                    "classes": tuple(plain["classes"]),
                    "protocol": _protocol(plain["protocol"]),
                }
            )
        )
    except KeyError as error:
        what = f"config.json says no {error.args[0]}"
    except (TypeError, ValueError, AttributeError, EcgError) as error:
        what = f"config.json can't be used ({error})"
    raise CheckpointError(f"Checkpoint {name}: {what}; {_REPLACE}.")


def read_meta_file(name: str, path: Path) -> CheckpointMeta:
    """Read a ``config.json``. Raises CheckpointError when it is missing, broken or too new."""
    return meta_from_bytes(name, read_config(name, path))


def read_config(name: str, path: Path) -> bytes:
    """Return what a ``config.json`` holds. Raises CheckpointError when it can't be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CheckpointError(
                f"Checkpoint {name}: config.json has more than {MAX_BYTES >> 20} MB; {_REPLACE}."
            )
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"Checkpoint {name}: config.json can't be read ({error.strerror}); {_REPLACE}."
        ) from error


def meta_from_bytes(name: str, content: bytes) -> CheckpointMeta:
    """Return the meta in a ``config.json``. Raises CheckpointError when it is broken or too new."""
    try:
        plain = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"Checkpoint {name}: config.json is not JSON; {_REPLACE}.") from error
    return meta_from_json(name, plain)


_REPLACE: Final = "restore the checkpoint from where it came from, or train it again"


def check_class(name: str, classes: tuple[str, ...], label: str) -> None:
    """Raise EcgError unless ``label`` is among the classes of the checkpoint ``name``."""
    if label not in classes:
        raise EcgError(
            f"The checkpoint {name} has no class {label!r}; it has {', '.join(classes)}."
        )


def _protocol(plain: Mapping[str, Any]) -> Protocol:
    lists = {key: tuple(plain.get(key, ())) for key in ("flags", "seeds")}
    return Protocol(**{**plain, **lists})


def _check_protocol(told: Protocol) -> None:
    words = (told.name, told.train, told.test, told.peaks, *told.flags)
    if not all(isinstance(word, str) for word in words):
        raise TypeError("the protocol's name, sets and flags are words")
    if not all(isinstance(seed, int) for seed in told.seeds):
        raise TypeError("the protocol's seeds are numbers")


def _check_split(plain: Any) -> None:
    """Check what tells training beats from test beats; ``training.protocols`` reads it."""
    if plain is None:
        return
    if not isinstance(plain, dict) or plain.get("kind") not in ("random", "time", "whole"):
        raise ValueError("training.split.kind is neither random, time nor whole")
    if not all(_is_number(plain.get(key, 0)) for key in ("fraction", "seed")):
        raise TypeError("training.split's fraction and seed are numbers")
    start, stop = plain.get("start", {}), plain.get("stop")
    if not isinstance(start, dict) or not all(map(_is_number, start.values())):
        raise TypeError("training.split.start is an object of seconds")
    if not (stop is None or _is_number(stop)):
        raise TypeError("training.split.stop is a number of seconds")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _checked(meta: CheckpointMeta) -> CheckpointMeta:
    if meta.task not in get_args(Task):
        raise ValueError(f"task {meta.task!r} is none of {', '.join(get_args(Task))}")
    if len(set(meta.classes)) != len(meta.classes) or len(meta.classes) < 2:
        raise ValueError("it needs two classes or more, each once")
    if not all(isinstance(name, str) for name in (*meta.classes, meta.architecture)):
        raise TypeError("classes and architecture are words")
    for what in ("config", "metrics", "training"):
        if not isinstance(getattr(meta, what), dict):
            raise TypeError(f"{what} is no object")
    if not _is_number(meta.fs) or not 0 < meta.fs < math.inf:
        raise TypeError(f"fs {meta.fs!r} is no sampling rate")
    if not isinstance(meta.lead, str | None):
        raise TypeError("the lead is a word")
    if not isinstance(meta.context, bool):
        raise TypeError(f"context {meta.context!r} is neither true nor false")
    if meta.context and meta.task != "beat-class":
        raise ValueError("only classes of beats are put in the context of a recording's others")
    if not isinstance(meta.seed, int) or not isinstance(meta.data_hash, str):
        raise TypeError("the seed is a number and the data hash a word")
    _check_protocol(meta.protocol)
    _check_split(meta.training.get("split"))
    for key, there in (("classes", len(meta.classes)), ("rr_features", len(meta.input.rr))):
        said = cast("int | None", meta.config.get(key))
        if said is not None and said != there:
            raise ValueError(f"the network's {key} is {said}, but {there} are listed")
    return meta
