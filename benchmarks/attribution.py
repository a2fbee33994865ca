"""Integrated gradients and occlusion, in batches, against captum's on the same beats and settings.

Both sides get the same reference, steps and windows; captum is given the batch sizes that suit it
(all steps of a batch at once, several windows an evaluation). The beat-class network is asked for
waveform and RR features, the identity network for its spectrogram. Times are processor seconds, so
that what else the machine does moves the ratios little.
"""

from collections.abc import Callable
from time import process_time
from typing import Any

import torch
from captum.attr import IntegratedGradients, Occlusion
from torch import Tensor

from ecgcore.explain.attribution import CHUNK, Reference
from ecgcore.explain.integrated import STEPS, integrated_gradients
from ecgcore.explain.occlusion import occlusion
from ecgcore.explain.reference import reference_of
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.models.network import Network
from ecgcore.records.catalog import database
from ecgcore.records.reader import read_record
from ecgcore.training.store import find_beats

Work = Callable[[], Tensor]

CASES = {
    "best-inter-patient": ("mitdb", "208"),
    "resunet-b2": ("mitdb", "208"),
    "identity-nsrdb": ("nsrdb", "16483"),
}
BEATS = 32
REPEATS = 3
WINDOWS = {1: ((8,), (2,)), 2: ((4, 4), (2, 2))}  # by the number of the input's last axes


def run() -> dict[str, Any]:
    """Return maps a processor second of either (best of three, in turn), their ratio and gap."""
    found: dict[str, Any] = {}
    for name, (base, record) in CASES.items():
        checkpoint = load_checkpoint(name)
        network = checkpoint.network
        whole = read_record(database(base), record)
        inputs = beat_inputs(whole, find_beats(whole), checkpoint.meta.input)
        x, rr = (torch.from_numpy(part[:BEATS]) for part in (inputs.x, inputs.rr))
        away = reference_of(checkpoint, inputs)
        for method, (ours, theirs) in _pairs(network, x, rr, away).items():
            found[f"{name}: {method}"] = _against(ours, theirs, len(x))
    return found


def _pairs(
    network: Network, x: Tensor, rr: Tensor, away: Reference
) -> dict[str, tuple[Work, Work]]:
    with torch.no_grad():
        target = network(x, rr).argmax(dim=1)
    usual, channels = away.like(x, rr), x.shape[1]
    window, stride = WINDOWS[x.ndim - 2]

    def our_gradients() -> Tensor:
        return integrated_gradients(network, x, rr, target, away).values

    def their_gradients() -> Tensor:
        # A network that takes no RR features leaves captum without a gradient for them.
        many = rr.shape[1] > 0
        values = IntegratedGradients(network).attribute(
            (x, rr) if many else x,
            baselines=(usual.x, usual.rr) if many else usual.x,
            additional_forward_args=None if many else (rr,),
            target=target,
            n_steps=STEPS,
            internal_batch_size=CHUNK,
        )
        return (values[0] if many else values).float()

    def our_occlusion() -> Tensor:
        return occlusion(network, x, rr, target, away, window=window, stride=stride).map

    def their_occlusion() -> Tensor:
        values = Occlusion(network).attribute(
            x,
            sliding_window_shapes=(channels, *window),
            strides=(channels, *stride),
            baselines=usual.x,
            target=target,
            additional_forward_args=(rr,),
            perturbations_per_eval=max(1, CHUNK // len(x)),
        )
        return values[:, 0]

    return {
        f"integrated gradients, {STEPS} steps": (our_gradients, their_gradients),
        "occlusion": (our_occlusion, their_occlusion),
    }


def _against(
    ours: Callable[[], Tensor], theirs: Callable[[], Tensor], beats: int
) -> dict[str, Any]:
    pairs = [(_timed(ours), _timed(theirs)) for _ in range(REPEATS)]
    mine, other = min(p[0][0] for p in pairs), min(p[1][0] for p in pairs)
    one, two = pairs[0][0][1], pairs[0][1][1]
    return {
        "beats": beats,
        "beats_per_processor_second": beats / mine,
        "captum_beats_per_processor_second": beats / other,
        "times_faster": other / mine,
        "largest_difference_over_largest": float((one - two).abs().max() / two.abs().max()),
    }


def _timed(work: Work) -> tuple[float, Tensor]:
    start = process_time()
    found = work()
    return process_time() - start, found


if __name__ == "__main__":
    print(run())
