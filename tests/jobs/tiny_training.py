"""A training of a network of a few hundred weights on the demo database, as fast as they come."""

from pathlib import Path

from ecgcore.features.inputs import InputSpec
from ecgcore.training.config import Optimisation, TrainConfig


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
