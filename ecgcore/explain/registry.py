"""The explainers there are: one dict of functions with the same signature.

To add one: write a function ``(network, x, rr, target, reference) -> Attribution`` in a file of its
own (one that only makes a map of the waveform may leave the reference out and return the map: see
``map_only``), and name it here with the sentences that a reader needs beside its maps.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from torch import Tensor

from ecgcore.errors import EcgError
from ecgcore.explain.attention import MOST_HEADS, attention, why_no_attention
from ecgcore.explain.attribution import Attribution, Explainer, Reference, default_reference
from ecgcore.explain.cam import cam, why_no_cam
from ecgcore.explain.gradcam import gradcam
from ecgcore.explain.gradcam_pp import gradcam_pp
from ecgcore.explain.integrated import STEPS, integrated_gradients
from ecgcore.explain.lime import PIECES, RIDGE, SAMPLES, WIDTH, lime
from ecgcore.explain.lrp import ALPHA_BETA, EPSILON, lrp_alpha_beta, lrp_epsilon
from ecgcore.explain.occlusion import occlusion
from ecgcore.explain.smoothgrad import COPIES, LEVEL, smoothgrad
from ecgcore.models.network import Network


def never(network: Network) -> str:  # noqa: ARG001
    """Refuse no network."""
    return ""


@dataclass(frozen=True, kw_only=True)
class ExplainerEntry:
    """An explainer, and how it is told to people."""

    explain: Explainer
    title: str
    see: str  # what the map shows
    beware: str  # what must not be concluded from it …
    silent: str = ""  # … and what of RR features, where the network takes some
    quantity: str  # what a value of the map is, before it is scaled
    passes: int  # about how often the network is asked for a waveform's map, slopes counted too
    signed: bool = False  # values below zero speak against the target
    compares: bool = False  # the map depends on the reference beat
    swaps: bool = False  # it puts pieces of the beat back to the reference
    slope: bool = False  # the sign is a direction; how much a place matters is the value's size
    rest: str = ""  # what the part is that no input gets, of a method that shares out the score
    settings: str = ""  # the numbers that the method was run with
    refuses: Callable[[Network], str] = never  # why a network can't be explained so, or ""


def map_only(function: Callable[[Network, Tensor, Tensor, Tensor], Tensor]) -> Explainer:
    """Return an explainer from a function that makes the waveform's map and nothing else."""

    def explain(
        network: Network,
        x: Tensor,
        rr: Tensor,
        target: Tensor,
        reference: Reference,  # noqa: ARG001
    ) -> Attribution:
        return Attribution(values=function(network, x, rr, target)[:, None])

    return explain


_WIDE: Final = (
    "a bright place stands for a wide stretch around it, nothing is said of what spoke against the "
    "target, and it is no evidence of a mechanism in the heart"
)
_NO_RHYTHM: Final = "nor is anything said of the RR features"

EXPLAINERS: Final[dict[str, ExplainerEntry]] = {
    "gradcam": ExplainerEntry(
        explain=map_only(gradcam),
        title="Grad-CAM",
        see="bright parts hold the features that raised the score of the target",
        beware=_WIDE,
        silent=_NO_RHYTHM,
        quantity="score",
        passes=2,
    ),
    "gradcam++": ExplainerEntry(
        explain=map_only(gradcam_pp),
        title="Grad-CAM++",
        see="bright parts hold features that raised the score of the target, repeated ones too",
        beware=_WIDE,
        silent=_NO_RHYTHM,
        quantity="score, up to a factor",
        passes=2,
    ),
    "cam": ExplainerEntry(
        explain=cam,
        title="CAM",
        see="each place's own share in the score, which is exactly their sum",
        beware="a place stands for all that the convolutions see around it",
        quantity="logits a point",
        passes=1,
        signed=True,
        rest="the class' bias",
        refuses=why_no_cam,
    ),
    "integrated-gradients": ExplainerEntry(
        explain=integrated_gradients,
        title="Integrated gradients",
        see="each point's share in the difference of the score from the reference beat's",
        beware="what the beat has in common with the reference gets nothing, however important",
        quantity="logits a point",
        passes=2 * STEPS,
        signed=True,
        compares=True,
        rest="what the integral missed",
        settings=f"{STEPS} steps of Gauss–Legendre quadrature",
    ),
    "lrp-epsilon": ExplainerEntry(
        explain=lrp_epsilon,
        title="LRP (ε)",
        see="the score handed back through the layers to the points it came from",
        beware=(
            "where the network looks (attention, gates) is taken as given, and the network's "
            "biases keep a part"
        ),
        quantity="logits a point",
        passes=2,
        signed=True,
        rest="the network's biases, and what ε took",
        settings=f"ε {EPSILON:g} of each layer's root mean square",
    ),
    "lrp-alpha-beta": ExplainerEntry(
        explain=lrp_alpha_beta,
        title=f"LRP (α{ALPHA_BETA[0]:g}β{ALPHA_BETA[1]:g})",
        see="the score handed back through the layers, what agrees with it weighed double",
        beware=(
            "where the network looks (attention, gates) is taken as given, and the rule makes both "
            "sides larger than they are"
        ),
        quantity="logits a point",
        passes=2,
        signed=True,
        rest="the network's biases, and what ε took",
        settings=f"ε {EPSILON:g} of the root mean square in linear layers",
    ),
    "occlusion": ExplainerEntry(
        explain=occlusion,
        title="Occlusion",
        see="what the score loses when that piece is put back to the reference beat",
        beware="pieces that stand in for each other lose little one at a time",
        quantity="logits lost",
        passes=62,
        signed=True,
        compares=True,
        swaps=True,
        settings="windows of a sixteenth of the beat, or of an eighth of a picture's sides",
    ),
    "lime": ExplainerEntry(
        explain=lime,
        title="LIME",
        see="each piece's weight in a linear model of the score around this beat",
        beware="where the fit (R²) is low, the pieces act together and the weights say little",
        quantity="logits a point",
        passes=SAMPLES,
        signed=True,
        compares=True,
        swaps=True,
        settings=(
            f"{SAMPLES} samples of {PIECES[1][0]} pieces of time, or {PIECES[2][0]} × "
            f"{PIECES[2][1]} tiles of a picture; kernel width {WIDTH:g}, ridge {RIDGE:g}"
        ),
    ),
    "smoothgrad": ExplainerEntry(
        explain=smoothgrad,
        title="SmoothGrad",
        see="where raising the trace a little would raise the score, averaged over noise",
        beware="it is a slope, not a share: it tells what would change, not what is there",
        quantity="logits per unit of the input",
        passes=2 * COPIES,
        signed=True,
        slope=True,
        settings=f"{COPIES} copies with noise of {LEVEL:.0%} of the range",
    ),
    "attention": ExplainerEntry(
        explain=attention,
        title="Attention",
        see="where the RR query looks in the beat, the mean of its heads",
        beware="it is the same for every class, and looking somewhere is not deciding by it",
        quantity="share of the attention",
        passes=1,
        refuses=why_no_attention,
    ),
}


def explainer(method: str) -> ExplainerEntry:
    """Return an explainer; ``attention:2`` is the second head's, alone.

    Raises EcgError, naming those there are, for an unknown name.
    """
    if method in EXPLAINERS:
        return EXPLAINERS[method]
    family, _, number = method.partition(":")
    if family == "attention" and number.isdecimal() and 0 < int(number) <= MOST_HEADS:
        head = int(number)
        return replace(
            EXPLAINERS[family],
            explain=partial(attention, head=head),
            title=f"Attention, head {head}",
            see="where one head of the RR query looks in the beat",
            refuses=partial(why_no_attention, head=head),
        )
    raise EcgError(f"There is no method {method!r}; there are: {', '.join(EXPLAINERS)}.")


def explain(
    method: str,
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,
    reference: Reference | None = None,
) -> Attribution:
    """Explain a batch of beats: the one door for whatever needs maps of any method.

    Parameters: ``network`` in evaluation mode, shared or not; ``x`` (B, channels, points) or
    (B, 1, rows, columns); ``rr`` (B, R), not standardised; ``target`` (B,), class indices;
    ``reference``, the beat to compare with, by default zeros and the training beats' mean RR (see
    ``reference_of`` for that of a recording). Returns values for each channel and point, and
    ``.map`` (B, …) on the input's last axes, in the entry's ``quantity``. The same call gives the
    same map. Raises EcgError for an unknown method or a network that it can't explain, ValueError
    for a network in training mode.
    """
    entry = explainer(method)
    if reason := entry.refuses(network):
        raise EcgError(reason)
    if not len(x):
        return Attribution(values=x)
    reference = reference or default_reference(network, x, rr)
    return entry.explain(network, x, rr, target, reference)
