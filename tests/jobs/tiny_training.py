"""A training of a network of a few hundred weights on the demo database, as fast as they come."""

from pathlib import Path

import torch

from ecgcore.features.inputs import InputSpec
from ecgcore.training.config import Optimisation, TrainConfig
from ecgcore.training.loop import train_seeds


def tiny(epochs: int = 4, **changes: object) -> TrainConfig:
    """Return its configuration: one fold, two patients."""
    plain: dict[str, object] = {
        "name": "tiny",
        "title": "Tiny",
        "architecture": "cnn-gap",
        "task": "beat-class",
        "database": "demo",
        "protocol": "inter-patient",
        "train": "demo02,demo03",
        "test": "demo04",
        "classes": ("N", "V"),
        "folds": (("demo02",),),
        "network": {"filters": [4, 4, 4]},
        "input": InputSpec(points=32),
        "optimisation": Optimisation(epochs=epochs, batch=16),
    }
    return TrainConfig(**{**plain, **changes})  # type: ignore[arg-type]


def weights(folder: Path) -> bytes:
    """Return a checkpoint's weights as they stand in its file."""
    return (folder / "weights.safetensors").read_bytes()


def unbroken(config: TrainConfig, folder: Path) -> bytes:
    """Return the weights of the same training, run at a stretch in this process."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        train_seeds(config, folder)
    finally:
        torch.set_num_threads(before)
    return weights(folder)
