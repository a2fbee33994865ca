"""Grad-CAM of 10,000 beats, against the forward pass and captum's LayerGradCam on the same beats.

Grad-CAM needs the features once and the head forwards and backwards, so the forward pass is its
lower bound; ``over_forward`` is how many times that it takes. All three are taken in turn, batch by
batch, and the best of the repeats counts, in processor seconds: what else the machine does moves
the ratios little.
"""

from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
import torch
from captum.attr import LayerGradCam
from torch import Tensor, nn

from ecgcore.explain.gradcam import gradcam, upsample
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import Checkpoint, load_checkpoint
from ecgcore.models.network import Network
from ecgcore.records.catalog import database
from ecgcore.records.reader import read_record
from ecgcore.training.store import find_beats

CASES = {
    "best-inter-patient": ("mitdb", ("100", "103", "105", "111", "113")),
    "resunet-b2": ("mitdb", ("208",)),
    "identity-nsrdb": ("nsrdb", ("16483",)),
}
BEATS = {"best-inter-patient": 10_000}
OTHERS = 512
BATCH = 128
REPEATS = 5
Work = Callable[[Tensor, Tensor, Tensor], Tensor]


def run() -> dict[str, Any]:
    """Return maps a second of either (the best of five, taken in turn) and their ratios."""
    return {name: _case(name) for name in CASES}


def _case(name: str) -> dict[str, Any]:
    checkpoint = load_checkpoint(name)
    network = checkpoint.network
    x, rr = _beats(checkpoint, BEATS.get(name, OTHERS))
    with torch.no_grad():
        target = torch.cat([network(x[k], rr[k]).argmax(dim=1) for k in _batches(len(x))])

    def forward(x: Tensor, rr: Tensor, target: Tensor) -> Tensor:
        with torch.no_grad():
            logits: Tensor = network(x, rr)
        return logits.gather(1, target[:, None])

    def ours(x: Tensor, rr: Tensor, target: Tensor) -> Tensor:
        return gradcam(network, x, rr, target)

    works: dict[str, Work] = {"forward": forward, "ours": ours}
    layer = _last_layer(network)
    if layer is not None:
        works["captum"] = _captum(network, layer)
    seconds: dict[str, list[float]] = {key: [] for key in works}
    sums = {}
    for _ in range(REPEATS):
        for key, work in works.items():
            spent, sums[key] = _timed(work, x, rr, target)
            seconds[key].append(spent)
    best = {key: min(each) for key, each in seconds.items()}
    found = {
        "beats": len(x),
        "beats_per_processor_second": len(x) / best["ours"],
        "over_forward": best["ours"] / best["forward"],
    }
    if layer is not None:
        found["times_faster_than_captum"] = best["captum"] / best["ours"]
        gap = abs(sums["ours"] - sums["captum"]) / max(sums["ours"], 1e-12)
        found["largest_relative_difference"] = gap
    return found


def _beats(checkpoint: Checkpoint, count: int) -> tuple[Tensor, Tensor]:
    base, records = CASES[checkpoint.name]
    parts = []
    for name in records:
        whole = read_record(database(base), name)
        inputs = beat_inputs(whole, find_beats(whole), checkpoint.meta.input)
        some = slice(0, count)
        parts.append((inputs.take(some), inputs.rr[some]))
    x, rr = (np.concatenate(column)[:count] for column in zip(*parts, strict=True))
    return torch.from_numpy(x), torch.from_numpy(rr)


def _last_layer(network: Network) -> nn.Module | None:
    """Return the module whose output the features are, None where no single one is."""
    for name in ("backbone", "out"):
        part = getattr(network, name, None)
        if isinstance(part, nn.Module):
            return part
    return None


def _captum(network: Network, layer: nn.Module) -> Work:
    theirs = LayerGradCam(network, layer)

    def captum(x: Tensor, rr: Tensor, target: Tensor) -> Tensor:
        # The input must ask for gradients, or captum has none with frozen weights.
        cam = theirs.attribute(
            x.clone().requires_grad_(True),
            target=target,
            additional_forward_args=(rr,),
            relu_attributions=True,
        )
        return upsample(cam.detach()[:, 0], tuple(x.shape[2:]))

    return captum


def _batches(total: int) -> list[slice]:
    return [slice(at, at + BATCH) for at in range(0, total, BATCH)]


def _timed(work: Work, x: Tensor, rr: Tensor, target: Tensor) -> tuple[float, float]:
    """Return seconds for all batches, and the sum of what came, so that two can be compared."""
    start, total = process_time(), 0.0
    for k in _batches(len(x)):
        total += float(work(x[k], rr[k], target[k]).sum())
    return process_time() - start, total


if __name__ == "__main__":
    print(run())
