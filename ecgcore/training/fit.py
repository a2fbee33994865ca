"""Fitting a network's weights to beats: epochs that can be interrupted and resumed.

Everything random in an epoch (which beats, their order, augmentation, dropout) is drawn from the
seed and the epoch's number, so that a resumed run equals an unbroken one, bit for bit, with the
same number of threads. On a GPU, whose sums have no fixed order, it equals it but for rounding.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ecgcore.models.network import Network
from ecgcore.schema import IntArray
from ecgcore.training.augment import augment, in_some_lead, in_some_rhythm
from ecgcore.training.compute import CPU, Compute
from ecgcore.training.config import Optimisation
from ecgcore.training.data import BeatSet
from ecgcore.training.fusions import drawn_fusions, weakened
from ecgcore.training.state import Progressed, load_state, save_state

_WARM_UP = 0.2  # share of the steps over which the learning rate rises
_SCORING_BATCH = 1024

EpochDone = Callable[[Progressed], None]


def fit(
    network: Network,
    beats: BeatSet,
    how: Optimisation,
    seed: int,
    *,
    epochs: int | None = None,
    watch: BeatSet | None = None,
    state: Path | None = None,
    key: str = "",
    epoch_done: EpochDone | None = None,
    batch_done: Callable[[], None] | None = None,
    compute: Compute = CPU,
) -> Progressed:
    """Fit ``network`` in place and return the losses and the watched beats' probabilities.

    ``epochs``: stop after so many of ``how.epochs``, whose learning rate schedule holds in any
    case (one cosine cycle with a warm-up; Loshchilov and Hutter 2017). ``watch``: beats that are
    classified after each epoch and never trained on. ``state``: where the run is saved after each
    epoch and resumed from, when ``key`` (what run it is) agrees. The loss is the cross-entropy
    weighted by class (``class_weights``): 1 / n for "balanced", 1 / √n for "sqrt".
    ``epoch_done`` is called with what is done once an epoch is saved, ``batch_done`` after every
    batch; what they raise ends the fit, and the last epoch is kept. ``compute``: where; the
    network comes back on the CPU.
    """
    epochs = how.epochs if epochs is None else epochs
    beats = beats.with_drawn()
    arrays = (beats.x, beats.rr, beats.label)
    x, rr, label = (torch.from_numpy(a).to(compute.device) for a in arrays)
    versions = None if beats.versions is None else torch.from_numpy(beats.versions)
    # Of a class: the RR features of drawn rhythms, and which share of its beats is put in them.
    rhythms = [
        (beats.classes.index(name), torch.from_numpy(drawn).to(compute.device), part)
        for name, drawn, part in (
            ("N", beats.rhythms, how.rhythms),
            ("V", beats.ventricular, how.ventricular_rhythms),
        )
        if drawn is not None
    ]
    network.standardise_rr(torch.from_numpy(beats.rr))
    network.to(compute.device)
    optimiser = _optimiser(network, how)
    weight = _class_weights(beats, how).to(compute.device)
    size = len(_epoch(beats, how, np.random.default_rng(0)).beat)
    fused = beats.classes.index("F") if how.fusions else -1
    steps = how.epochs * math.ceil(size / how.batch)
    watched = torch.empty(0, len(watch) if watch else 0, len(beats.classes))
    done = load_state(state, key, network, optimiser) if state else None
    done = done or Progressed(epochs=0, loss=(), watched=watched)
    for epoch in range(done.epochs, epochs):
        begun = time.monotonic()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(_epoch_seed(seed, epoch))
            rng = np.random.default_rng([seed, epoch])
            order = _epoch(beats, how, rng)
            network.train()
            total = 0.0
            for number, some in enumerate(_batches(torch.arange(size), how.batch)):
                step = epoch * math.ceil(size / how.batch) + number
                for group in optimiser.param_groups:
                    group["lr"] = how.learning_rate * one_cycle(step / steps)
                batch = order.beat[some]
                here, timed = batch.to(compute.device), order.rhythm[some].to(compute.device)
                seen, rhythm, truth = x[here], rr[timed], label[here]
                if versions is not None:
                    seen = in_some_lead(seen, versions, batch, how.own_lead)
                if how.fusions:
                    share = order.share[some].to(compute.device)
                    seen = weakened(seen, share, beats.channels)
                    truth = torch.where(share < 1, fused, truth)
                for which, drawn, part in rhythms:
                    rhythm = in_some_rhythm(rhythm, truth == which, drawn, part)
                with compute.autocast():
                    logits = network(augment(seen, how), rhythm).float()
                loss = functional.cross_entropy(logits, truth, weight)
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                total += float(loss.detach()) * len(batch)
                if batch_done:
                    batch_done()
        scored = [done.watched, probabilities(network, watch)[None]] if watch else [done.watched]
        done = Progressed(
            epochs=epoch + 1,
            loss=(*done.loss, total / max(size, 1)),
            watched=torch.cat(scored),
            seconds=done.seconds + time.monotonic() - begun,
        )
        if state:
            save_state(state, key, network, optimiser, done)
        if epoch_done:
            epoch_done(done)
    network.to("cpu").eval()
    return done


def probabilities(network: Network, beats: BeatSet) -> Tensor:
    """Return the network's class probabilities of ``beats``: (n, classes)."""
    network.eval()
    device = next(network.parameters()).device
    parts = []
    with torch.inference_mode():
        for start in range(0, len(beats), _SCORING_BATCH):
            rows = slice(start, start + _SCORING_BATCH)
            x, rr = (torch.from_numpy(a[rows]).to(device) for a in (beats.x, beats.rr))
            parts.append(torch.softmax(network(x, rr), dim=1).cpu())
    # Outside of inference mode, so that the result is an ordinary tensor.
    return torch.cat([part.clone() for part in parts])


def epoch_beats(label: IntArray, majority: int, rng: np.random.Generator) -> IntArray:
    """Return the beats of one epoch in random order: all, but of the largest class ``majority``.

    Which of the largest class is drawn anew each epoch; 0 takes all.
    """
    largest = int(np.bincount(label).argmax())
    most, rest = np.flatnonzero(label == largest), np.flatnonzero(label != largest)
    if 0 < majority < most.size:
        most = rng.choice(most, majority, replace=False)
    order: IntArray = rng.permutation(np.concatenate((most, rest)))
    return order


@dataclass(frozen=True, kw_only=True, eq=False)
class Epoch:
    """What an epoch trains on, in random order: (m,) each."""

    beat: Tensor  # indices
    rhythm: Tensor  # whose RR features it has: its own, but of a drawn fusion a normal beat's
    share: Tensor  # of its difference: 1, but of a drawn fusion less


def epoch_size(beats: BeatSet, how: Optimisation) -> int:
    """Return how many beats an epoch trains on."""
    whole = replace(beats, versions=None).with_drawn()  # versions are large, and count for nothing
    return len(_epoch(whole, how, np.random.default_rng(0)).beat)


def _epoch(beats: BeatSet, how: Optimisation, rng: np.random.Generator) -> Epoch:
    order = epoch_beats(beats.label, how.majority_per_epoch, rng)
    beat, rhythm, share = order, order, np.ones(len(order), np.float32)
    if how.fusions:
        of = {name: np.flatnonzero(beats.label == beats.classes.index(name)) for name in "VN"}
        fusion, time, part = drawn_fusions(of["V"], of["N"], beats.record, how.fusions, rng)
        mixed = rng.permutation(len(order) + len(fusion))
        beat = np.concatenate((order, fusion))[mixed]
        rhythm = np.concatenate((order, time))[mixed]
        share = np.concatenate((share, part))[mixed]
    parts = (torch.from_numpy(part) for part in (beat, rhythm, share))
    return Epoch(**dict(zip(("beat", "rhythm", "share"), parts, strict=True)))


def one_cycle(progress: float) -> float:
    """Return the learning rate's share of its peak at ``progress`` (0 to 1) of the steps."""
    if progress < _WARM_UP:
        return 0.04 + 0.96 * (0.5 - 0.5 * math.cos(math.pi * progress / _WARM_UP))
    return 0.5 + 0.5 * math.cos(math.pi * (progress - _WARM_UP) / (1 - _WARM_UP))


def _batches(order: Tensor, size: int) -> list[Tensor]:
    parts = list(torch.split(order, size))
    # Batch normalisation can't learn from one beat; the lone last one waits for another epoch.
    return parts[:-1] if len(parts) > 1 and len(parts[-1]) == 1 else parts


def _epoch_seed(seed: int, epoch: int) -> int:
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0])


def _class_weights(beats: BeatSet, how: Optimisation) -> Tensor:
    if how.class_weights == "none":
        return torch.ones(len(beats.classes))
    count = np.bincount(beats.label, minlength=len(beats.classes)).astype(np.float64)
    if how.majority_per_epoch:
        count[count.argmax()] = min(count.max(), how.majority_per_epoch)
    if how.fusions:
        count[beats.classes.index("F")] += how.fusions
    power = 0.5 if how.class_weights == "sqrt" else 1.0
    weight = np.where(count > 0, np.maximum(count, 1) ** -power, 0.0)
    weight *= count.sum() / (weight * count).sum()  # a beat weighs 1 on average
    return torch.from_numpy(weight.astype(np.float32))


def _optimiser(network: Network, how: Optimisation) -> torch.optim.Optimizer:
    kind = torch.optim.AdamW if how.optimiser == "adamw" else torch.optim.Adam
    return kind(network.parameters(), lr=how.learning_rate, weight_decay=how.weight_decay)
