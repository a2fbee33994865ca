"""Grad-CAM maps in a second, in batches, against captum's LayerGradCam on the same beats."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch
from captum.attr import LayerGradCam
from torch import Tensor

from ecgcore.explain.gradcam import gradcam, upsample
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.catalog import database
from ecgcore.records.reader import read_record
from ecgcore.training.store import find_beats

CASES = {"resunet-b2": ("mitdb", "208"), "identity-nsrdb": ("nsrdb", "16483")}
BEATS = 512
BATCH = 128
REPEATS = 5


def run() -> dict[str, Any]:
    """Return maps a second of either (the best of five, taken in turn) and their ratio."""
    found: dict[str, Any] = {}
    for name, (base, record) in CASES.items():
        checkpoint = load_checkpoint(name)
        network = checkpoint.network
        whole = read_record(database(base), record)
        inputs = beat_inputs(whole, find_beats(whole), checkpoint.meta.input)
        x, rr = (torch.from_numpy(part[:BEATS]) for part in (inputs.x, inputs.rr))
        with torch.no_grad():
            target = network(x, rr).argmax(dim=1)
        theirs = LayerGradCam(network, network.backbone)

        def captum(x: Tensor, rr: Tensor, target: Tensor, theirs: Any = theirs) -> Tensor:
            # The input must ask for gradients, or captum has none with frozen weights.
            cam = theirs.attribute(
                x.clone().requires_grad_(True),
                target=target,
                additional_forward_args=(rr,),
                relu_attributions=True,
            )
            return upsample(cam.detach()[:, 0], tuple(x.shape[2:]))

        def ours(x: Tensor, rr: Tensor, target: Tensor, network: Any = network) -> Tensor:
            return gradcam(network, x, rr, target)

        pairs = [
            (_timed(ours, x, rr, target), _timed(captum, x, rr, target)) for _ in range(REPEATS)
        ]
        (mine, one), (other, two) = min(p[0] for p in pairs), min(p[1] for p in pairs)
        found[name] = {
            "beats": len(x),
            "beats_per_second": len(x) / mine,
            "captum_beats_per_second": len(x) / other,
            "times_faster": other / mine,
            "largest_relative_difference": abs(one - two) / max(one, 1e-12),
        }
    return found


def _timed(
    work: Callable[[Tensor, Tensor, Tensor], Tensor], x: Tensor, rr: Tensor, target: Tensor
) -> tuple[float, float]:
    """Return seconds for all batches, and the sum of the maps so that the two can be compared."""
    start, total = perf_counter(), 0.0
    for at in range(0, len(x), BATCH):
        rows = slice(at, at + BATCH)
        total += float(work(x[rows], rr[rows], target[rows]).sum())
    return perf_counter() - start, total


if __name__ == "__main__":
    print(run())
