"""Training: beats a second of processor time, single against bfloat16 precision, and where it goes.

Each network is fitted by the project's own loop (``training.fit``) to a sample of the training
beats of its configuration. Widths and lengths are told; the profile is of single precision.
"""

from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch

from ecgcore.settings import settings
from ecgcore.training.compute import CPU, Compute
from ecgcore.training.config import TrainConfig, load_config
from ecgcore.training.data import BeatSet
from ecgcore.training.fit import fit
from ecgcore.training.setup import training_beats, untrained

# configuration, what differs of it, beats to train on
CASES: dict[str, tuple[str, dict[str, Any], int, int]] = {
    "B2, 24 channels": ("table3/resunet-b2", {}, 180, 2048),
    "B2, 64 channels": ("table3/resunet-b2", {"channels": 64, "middle": 24, "heads": 4}, 720, 512),
    "best-inter-patient": ("best/inter-patient", {}, 128, 4096),
}
PRECISIONS = {"fp32": CPU, "bf16": Compute(precision="bf16")}
WARM_UP = 128  # beats

# Parts of a training step by the names that torch's profiler gives their operations; the first
# group that a name falls under counts.
GROUPS = {
    "convolutions, backward": ("convolution_backward",),
    "convolutions": ("conv", "mkldnn", "slow_"),
    "normalisation": ("batch_norm", "layer_norm"),
    "dense layers and attention": ("mm", "linear", "softmax", "attention"),
    "optimiser": ("_foreach", "_fused_adam", "lerp", "addcdiv", "addcmul"),
    "drawing and changing beats": ("index", "rand", "normal", "uniform", "gather", "roll"),
    "activations and pooling": ("relu", "gelu", "pool", "dropout", "bernoulli"),
}
REST = "all other operations"


def run() -> dict[str, Any]:
    """Return by network the rates, and the shares (%) of single-precision processor time."""
    torch.set_num_threads(1)
    found: dict[str, Any] = {}
    for name, (config_name, network, points, count) in CASES.items():
        config = load_config(Path(settings().config_dir / f"{config_name}.toml"))
        config = replace(
            config,
            network={**config.network, **network},
            input=replace(config.input, points=points),
        )
        begin = perf_counter()
        beats = sample(training_beats(config), count)
        seconds = perf_counter() - begin
        rates = {key: rate(config, beats, compute) for key, compute in PRECISIONS.items()}
        found[name] = {
            "channels": config.network.get("channels", max(config.network.get("widths", (0,)))),
            "points": points,
            "batch": config.optimisation.batch,
            **{f"{key}_beats_per_cpu_second": value for key, value in rates.items()},
            "bf16_over_fp32": rates["bf16"] / rates["fp32"],
            "seconds_to_prepare_all_training_beats": seconds,
            "percent": profile(config, beats),
        }
    return found


def sample(beats: BeatSet, count: int) -> BeatSet:
    """Return ``count`` beats, drawn the same each time."""
    chosen = np.random.default_rng(0).permutation(len(beats))[:count]
    keep = np.zeros(len(beats), dtype=np.bool_)
    keep[chosen] = True
    return beats.subset(keep)


def rate(config: TrainConfig, beats: BeatSet, compute: Compute) -> float:
    """Return the beats that one epoch trains on in a second of processor time."""
    network = untrained(config, beats, seed=0)
    # All beats are there in every epoch: the rate is of what is given.
    how = replace(config.optimisation, majority_per_epoch=0)
    fit(network, sample(beats, WARM_UP), how, 0, epochs=1, compute=compute)
    begin = process_time()
    fit(network, beats, how, 0, epochs=1, compute=compute)
    return len(beats) / (process_time() - begin)


def profile(config: TrainConfig, beats: BeatSet) -> dict[str, float]:
    """Return which part of an epoch's processor time each group of operations takes, %."""
    network = untrained(config, beats, seed=0)
    how = replace(config.optimisation, majority_per_epoch=0)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as watched:
        fit(network, beats, how, 0, epochs=1)
    spent = dict.fromkeys([*GROUPS, REST], 0.0)
    for event in watched.key_averages():
        spent[group(event.key)] += event.self_cpu_time_total
    total = sum(spent.values())
    return {name: 100 * value / total for name, value in spent.items()}


def group(operation: str) -> str:
    """Return the group that an operation's time is counted under."""
    name = operation.lower()
    return next((key for key, parts in GROUPS.items() if any(p in name for p in parts)), REST)


if __name__ == "__main__":
    print(run())
