"""The explainers there are: one dict of functions with the same signature.

To add one: write a function ``(network, x, rr, target) -> map`` on the input's last axes in a
file of its own, and name it here with the sentence that a reader needs beside its maps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from torch import Tensor

from ecgcore.errors import EcgError
from ecgcore.explain.gradcam import gradcam
from ecgcore.models.network import Network

Explainer = Callable[[Network, Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class ExplainerEntry:
    """An explainer, and how it is told to people."""

    explain: Explainer
    title: str
    see: str  # what the map shows
    beware: str  # what must not be concluded from it


EXPLAINERS: Final[dict[str, ExplainerEntry]] = {
    "gradcam": ExplainerEntry(
        explain=gradcam,
        title="Grad-CAM",
        see="bright parts hold the features that raised the score of the target",
        beware=(
            "a bright place stands for a wide stretch around it, nothing is said of the RR "
            "features or of what spoke against the target, and it is no evidence of a mechanism "
            "in the heart"
        ),
    ),
}


def explainer(method: str) -> ExplainerEntry:
    """Return an explainer. Raises EcgError, naming those there are, for an unknown name."""
    if method not in EXPLAINERS:
        raise EcgError(f"There is no method {method!r}; there are: {', '.join(EXPLAINERS)}.")
    return EXPLAINERS[method]
