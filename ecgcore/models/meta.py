"""What travels with a network's weights: everything that is needed to use them as they were used.

Plain JSON, read without torch, so that a list of checkpoints costs milliseconds.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from ecgcore.errors import CheckpointError, EcgError
from ecgcore.features.inputs import InputSpec
from ecgcore.schema import Protocol

FORMAT: Final = 1
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
    format: int = FORMAT

    @property
    def home(self) -> str:
        """The database it was trained on: the first word of ``protocol.train``."""
        return self.protocol.train.partition(" ")[0]


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
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CheckpointError(
                f"Checkpoint {name}: config.json has more than {MAX_BYTES >> 20} MB; {_REPLACE}."
            )
        plain = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(
            f"Checkpoint {name}: config.json can't be read ({error.strerror}); {_REPLACE}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"Checkpoint {name}: config.json is not JSON; {_REPLACE}.") from error
    return meta_from_json(name, plain)


_REPLACE: Final = "restore the checkpoint from where it came from, or train it again"


def _protocol(plain: Mapping[str, Any]) -> Protocol:
    lists = {key: tuple(plain.get(key, ())) for key in ("flags", "seeds")}
    return Protocol(**{**plain, **lists})


def _checked(meta: CheckpointMeta) -> CheckpointMeta:
    if meta.task not in get_args(Task):
        raise ValueError(f"task {meta.task!r} is none of {', '.join(get_args(Task))}")
    if len(set(meta.classes)) != len(meta.classes) or len(meta.classes) < 2:
        raise ValueError("it needs two classes or more, each once")
    if not all(isinstance(name, str) for name in (*meta.classes, meta.architecture)):
        raise TypeError("classes and architecture are words")
    if not isinstance(meta.config, dict):
        raise TypeError("the network's config is an object")
    for key, there in (("classes", len(meta.classes)), ("rr_features", len(meta.input.rr))):
        said = cast("int | None", meta.config.get(key))
        if said is not None and said != there:
            raise ValueError(f"the network's {key} is {said}, but {there} are listed")
    return meta
