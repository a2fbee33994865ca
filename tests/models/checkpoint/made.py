"""A tiny checkpoint, and how a test edits its description."""

import json
from pathlib import Path

import torch

from ecgcore.features.inputs import InputSpec
from ecgcore.models.meta import CheckpointMeta
from ecgcore.models.registry import build_network, network_config
from ecgcore.schema import Protocol

SIZES = {"channels": 8, "middle": 4, "heads": 2, "kernel": 5, "rr_features": 2, "classes": 3}


def made(seed: int = 0) -> tuple[torch.nn.Module, CheckpointMeta]:
    torch.manual_seed(seed)
    network = build_network("resunet-b2", SIZES)
    meta = CheckpointMeta(
        architecture="resunet-b2",
        config=network_config(network),
        task="beat-class",
        input=InputSpec(rr=("pre", "post"), fs=360.0),
        classes=("N", "S", "V"),
        lead="MLII",
        fs=360.0,
        protocol=Protocol(name="inter-patient", train="a", test="b", flags=("said",), seeds=(1, 2)),
        seed=seed,
        data_hash="abc",
        metrics={"accuracy": 0.5},
        training={"epochs": 3},
    )
    return network, meta


def edit(folder: Path, **change: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
