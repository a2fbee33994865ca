"""A short measured training on random beats: ``python -m ecgcore.jobs.probe < config.json``."""

import contextlib
import itertools
import json
import math
import resource
import socket
import sys
import time
from dataclasses import asdict, replace

import numpy as np
import torch

from ecgcore.errors import EcgError
from ecgcore.features.beat_image import draw_beats
from ecgcore.features.channels import spectrogram_images
from ecgcore.features.inputs import InputSpec
from ecgcore.jobs.cost import Rate
from ecgcore.schema import FloatArray
from ecgcore.training.config import TrainConfig, check_config
from ecgcore.training.data import BeatSet
from ecgcore.training.fit import fit
from ecgcore.training.setup import untrained

_BATCHES = 4  # of which the first, which warms up, is not counted
_LONGEST_S = 20.0


class _Enough(Exception):
    pass


def probe(config: TrainConfig) -> Rate:
    """Train some batches and return the rate."""
    batch = config.optimisation.batch
    x = random_inputs(config.input, batch * _BATCHES)
    label = np.arange(len(x)) % max(len(config.classes), 2)
    beats = BeatSet(
        x=x,
        rr=np.random.default_rng(1).normal(size=(len(x), len(config.input.rr))).astype(np.float32),
        label=label,
        record=np.full(len(x), "random"),
        classes=config.classes or ("a", "b"),
    )
    network = untrained(config, beats, 0)
    how = replace(config.optimisation, epochs=1, majority_per_epoch=0)
    times = [time.perf_counter()]

    def done() -> None:
        times.append(time.perf_counter())
        if times[-1] - times[0] > _LONGEST_S:
            raise _Enough

    with contextlib.suppress(_Enough):
        fit(network, beats, how, 0, batch_done=done)
    spent = [after - before for before, after in itertools.pairwise(times)]
    counted = spent[1:] or spent
    return Rate(
        host=socket.gethostname(),
        beats_per_second=batch * len(counted) / sum(counted),
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        weights=sum(weight.numel() for weight in network.parameters()),
        values=math.prod(x.shape[1:]),
    )


def random_inputs(spec: InputSpec, count: int) -> FloatArray:
    """Return ``count`` random inputs of the spec's kind and size."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, len(spec.channels), spec.points)).astype(np.float32)
    if spec.spectrogram is not None:
        seconds = spec.window.before + spec.window.after
        return spectrogram_images(x, spec.points / seconds, spec.spectrogram)
    return draw_beats(x, spec.image) if spec.image is not None else x


def main() -> int:
    """Read a configuration, print the rate as JSON."""
    torch.set_num_threads(1)  # as trainings run
    try:
        print(json.dumps(asdict(probe(check_config(json.load(sys.stdin), "The settings")))))
    except EcgError as error:
        print(error, file=sys.stderr)
        return 2
    except MemoryError:
        print("one batch does not fit into the memory", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
