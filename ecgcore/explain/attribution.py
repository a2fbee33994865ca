"""What every explainer is given and what it returns, whichever method it is.

An explainer is a function ``(network, x, rr, target, reference) -> Attribution``. It looks at the
logit of the target class, before the softmax. It reads a network that others may be using at the
same moment and changes nothing in it: no hooks, no gradients left on parameters, no switch between
training and evaluation.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from ecgcore.models.fusion import Standardise
from ecgcore.models.network import Network

# Inputs seen by the network at a time: bounds the memory of methods that try many variants.
CHUNK: Final = 512


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """The beat that a beat is compared with: what "nothing special" looks like to the network."""

    x: Tensor  # (1 or B, C, …)
    rr: Tensor  # (1 or B, R), not standardised
    beat: str = "a beat of zeros"  # in words
    words: str = "a beat of zeros, with RR features at the training beats' mean"

    def like(self, x: Tensor, rr: Tensor) -> "Reference":
        """Return it with one row for each beat of ``x`` and ``rr``, without copying."""
        return replace(self, x=self.x.expand_as(x), rr=self.rr.expand_as(rr))


@dataclass(frozen=True, kw_only=True, eq=False)
class Attribution:
    """What B beats' inputs did to the score of their target, in the method's own quantity."""

    values: Tensor  # (B, C, …) a channel of the input each, or (B, 1, …): channels not told apart
    rr: Tensor | None = None  # (B, R): each RR feature's part, where the method tells of it
    rest: Tensor | None = None  # (B,): the part that belongs to no input
    score: Tensor | None = None  # (B,): the target's logit
    start: Tensor | None = None  # (B,): the logit from which the parts add up to ``score``
    fit: Tensor | None = None  # (B,): R² of the simple model that the map is read from

    @property
    def map(self) -> Tensor:
        """The map over the input's last axes (B, …): channels summed."""
        return self.values.sum(dim=1)

    def of(self, channels: tuple[int, ...]) -> Tensor:
        """Return the map (B, …) of some channels, where the method tells them apart."""
        values = self.values
        return (values[:, list(channels)] if values.shape[1] > 1 else values).sum(dim=1)


Explainer = Callable[[Network, Tensor, Tensor, Tensor, Reference], Attribution]


def default_reference(network: Network, x: Tensor, rr: Tensor) -> Reference:
    """Return the reference that needs no recording: zeros, and the training beats' mean RR.

    Zeros are the record's median beat where the input is a difference from it, and a flat picture
    where it is a standardised spectrogram. A network that never learnt the mean of the RR features
    has zeros there too.
    """
    mean = next((m.mean for m in network.modules() if isinstance(m, Standardise)), None)
    start = torch.zeros_like(rr[:1]) if mean is None else mean[None].to(rr)
    return Reference(x=torch.zeros_like(x[:1]), rr=start)


def check_ready(network: Network) -> None:
    """Raise ValueError for a network in training mode, whose batch statistics would mix beats."""
    if network.training:
        raise ValueError(
            "an explainer needs a network in evaluation mode; call network.eval() first"
        )


def score_of(network: Network, x: Tensor, rr: Tensor, target: Tensor) -> Tensor:
    """Return the target's logit of each beat (B,)."""
    score: Tensor = network(x, rr).gather(1, target[:, None])[:, 0]
    return score


def scores(network: Network, x: Tensor, rr: Tensor, target: Tensor) -> Tensor:
    """Return the target's logit of many inputs (n,), without gradients and some at a time.

    Pictures go in with the channels last in memory: the same sums in another order, by which
    convolution and pooling take about half the time on a processor.
    """
    with torch.no_grad():
        parts = [score_of(network, _laid_out(x[k]), rr[k], target[k]) for k in chunks(len(x))]
    return torch.cat(parts)


def _laid_out(x: Tensor) -> Tensor:
    # ``to``, not ``contiguous``: of one channel both layouts hold, and the latter changes nothing.
    return x.to(memory_format=torch.channels_last) if x.ndim == 4 else x


def start_of(network: Network, reference: Reference, target: Tensor) -> Tensor:
    """Return the target's logit of each beat's reference (B,); one that all share is asked once."""
    many = max(len(reference.x), len(reference.rr))
    x = reference.x.expand(many, *reference.x.shape[1:])
    rr = reference.rr.expand(many, reference.rr.shape[1])
    with torch.no_grad():
        logits: Tensor = network(x, rr)
    return logits.expand(len(target), -1).gather(1, target[:, None])[:, 0]


def chunks(total: int, size: int = CHUNK) -> Iterator[slice]:
    """Yield slices of at most ``size`` that cover 0 to ``total``; one empty slice of nothing."""
    for start in range(0, max(total, 1), size):
        yield slice(start, min(start + size, total))
