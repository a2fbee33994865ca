"""The state of an unfinished training run, saved whole at each epoch's end.

One safetensors file, written beside and renamed: a killed run goes on from its last epoch, and
nothing half-written is ever read. Random numbers need no state: each epoch draws from its seed.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from ecgcore.errors import EcgError
from ecgcore.whole_file import write_whole


@dataclass(frozen=True, kw_only=True, eq=False)
class Progressed:
    """What was done when the state was saved."""

    epochs: int  # whole epochs
    loss: tuple[float, ...]  # mean training loss of each
    watched: Tensor  # (epochs, n, classes): probabilities of the watched beats after each
    seconds: float = 0.0  # that the epochs took, over all the times the run was gone on with


def save_state(
    path: Path, key: str, network: nn.Module, optimiser: torch.optim.Optimizer, done: Progressed
) -> None:
    """Write the state. ``key`` says what run it is of. Raises EcgError when the disk refuses."""
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    for index, entries in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{name}": value for name, value in entries.items()}
    tensors["watched"] = done.watched
    labels = {
        "key": key,
        "epochs": str(done.epochs),
        "loss": json.dumps(done.loss),
        "seconds": str(done.seconds),
    }
    content = save({name: value.contiguous() for name, value in tensors.items()}, metadata=labels)
    try:
        write_whole(path, content)
    except OSError as error:
        raise EcgError(
            f"The training state can't be saved in {path.parent}: {error.strerror}; make room and "
            "start the command again, it goes on from the last epoch."
        ) from error


def load_state(
    path: Path, key: str, network: nn.Module, optimiser: torch.optim.Optimizer
) -> Progressed | None:
    """Put a saved state of the run ``key`` into network and optimiser; None where there is none.

    A file of another run, or one that can't be read, counts as none.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            labels = file.metadata() or {}
            if labels.get("key") != key:
                return None
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError):
        return None
    network.load_state_dict(_under("network.", tensors))
    entries: dict[int, dict[str, Tensor]] = {}
    for name, value in _under("optimiser.", tensors).items():
        index, _, field = name.partition(".")
        entries.setdefault(int(index), {})[field] = value
    optimiser.load_state_dict({**optimiser.state_dict(), "state": entries})
    return Progressed(
        epochs=int(labels["epochs"]),
        loss=tuple(json.loads(labels["loss"])),
        watched=tensors["watched"],
        seconds=float(labels.get("seconds", 0.0)),
    )


def epochs_saved(path: Path, key: str) -> int:
    """Return how many whole epochs of the run ``key`` are saved; 0 as where ``load_state`` is None.

    Only the file's description is read.
    """
    if not path.is_file():
        return 0
    try:
        with safe_open(path, framework="pt") as file:
            labels = file.metadata() or {}
    except (SafetensorError, OSError):
        return 0
    return int(labels["epochs"]) if labels.get("key") == key else 0


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
