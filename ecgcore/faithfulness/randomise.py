"""Parameter randomisation: a map of the network must change when the network does.

Source: Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018, the cascading test: layers
lose what they learnt from the last to the first, and each map is compared with the trained one's by
rank correlation. Departures: a layer's parameters are shuffled within each tensor instead of drawn
from its initialisation, which keeps their sizes and works for any network; layers go in ``LEVELS``
groups; the running statistics of batch normalisation stay.

Everything is done on copies: the network that people share is only read.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from ecgcore.models.network import Network

LEVELS: Final = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Randomised:
    """A copy of a network that lost its last layers' weights."""

    share: float  # of the layers that have parameters
    network: Network


def cascade(
    network: Network, x: Tensor, rr: Tensor, *, levels: int = LEVELS, seed: int = 0
) -> list[Randomised]:
    """Return copies, the first without its last layer's weights, the last without any.

    Parameters: an input ``x`` (1 or B, …), ``rr``, from which the order of the layers is read.
    """
    generator = torch.Generator().manual_seed(seed)
    names = _layers(network, x[:1], rr[:1])[::-1]
    edges = [1, *(round(len(names) * k / (levels - 1)) for k in range(1, levels))]
    found, now, done = [], network, 0
    for edge in sorted({max(edge, 1) for edge in edges}):
        now = copy.deepcopy(now)
        parts = dict(now.named_modules())
        with torch.no_grad():
            for name in names[done:edge]:
                for weight in parts[name].parameters(recurse=False):
                    mixed = torch.randperm(weight.numel(), generator=generator)
                    weight.copy_(weight.flatten()[mixed].view_as(weight))
        done = edge
        found.append(Randomised(share=edge / len(names), network=now))
    return found


def _layers(network: Network, x: Tensor, rr: Tensor) -> list[str]:
    """Return the names of the layers with parameters of their own, as they are called.

    A layer that is not called as a module (a parameter that another reads) stands beside its
    parent, the one without any such parent at the end.
    """
    copied = copy.deepcopy(network)
    own = [name for name, part in copied.named_modules() if [*part.parameters(recurse=False)]]
    called: dict[str, int] = {}
    for name, part in copied.named_modules():
        part.register_forward_hook(_noting(called, name))
    with torch.inference_mode():
        copied(x, rr)

    def place(name: str) -> int:
        while name not in called and name:
            name = name.rpartition(".")[0]
        return called.get(name, len(called)) if name else len(called)

    return sorted(own, key=place)


def _noting(called: dict[str, int], name: str) -> Callable[..., None]:
    def note(*_: object) -> None:
        called.setdefault(name, len(called))

    return note
