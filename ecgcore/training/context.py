"""What a network says of a beat, put in the context of what it says of the recording's others.

A network looks at each beat by itself, and of a patient's many beats of one kind it takes some for
one class and some for another by chance. Three steps, all without labels:

* ``spread``: each beat's log probabilities are moved towards those of the eight beats most like it
  in shape and rhythm (``features.alike``), which are moved in turn,

      lᵢ ← (l⁰ᵢ + ½ Σⱼ wᵢⱼ lⱼ) / (1 + ½ Σⱼ wᵢⱼ),    wᵢⱼ = exp(−d²ᵢⱼ / (2 · (1.5 s)²)),

  l⁰ being what the network said and s² the recording's usual squared distance from a beat to its
  fifth nearest one: a beat that is like no other keeps what was said of it. The iteration is that
  of Zhou, Bousquet, Lal, Weston and Schölkopf, "Learning with local and global consistency"
  (NIPS 16, 2004), on log probabilities in place of labels and without a clamp, with neighbours of
  each beat in place of a symmetric graph.
* ``without_lone_fusions``: a fusion beat is a normal beat's mixture with a ventricular one, so
  where hardly any beat is ventricular, class F's probability is given to N: what looks like such a
  mixture in a recording that has nothing to mix with is a normal beat in noise, or conducted
  otherwise. Our own.
* ``without_early_beats_in_fibrillation``: where the atria fibrillate (``features.fibrillation``, by
  the intervals alone) no beat is early, and class S's probability is given to N. Experts annotate
  so; what looks aberrant stays as ventricular as it looks. Our own.

The constants were chosen on held-out DS1 patients, but for the probability of fibrillation, one
half, which was not tuned; results/README.md has the figures.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import softmax

from ecgcore.errors import EcgError
from ecgcore.features.fibrillation import fibrillation_probability
from ecgcore.features.inputs import BeatInputs
from ecgcore.features.likeness import likeness
from ecgcore.models.meta import CheckpointMeta
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray, Predictions

FLAG: Final = (
    "Puts what is said of a beat in the context of what is said of the recording's others, "
    "without labels."
)


@dataclass(frozen=True, kw_only=True)
class Context:
    """How much a recording's other beats count."""

    rounds: int = 10
    share: float = 0.5  # that a beat at no distance weighs, against a beat's own 1
    width: float = 1.5  # usual distances: the Gaussian's standard deviation
    ventricular: float = 0.015  # least share of V among the beats for any to be F
    fibrillation: float = 0.5  # probability of it beyond which no beat is S


CONTEXT: Final = Context()
_USUAL: Final = 5  # the neighbour whose distance is the usual one
_TINY: Final = 1e-9


def in_context_by(meta: CheckpointMeta, wanted: bool | None = None) -> bool:
    """Return whether a checkpoint's predictions are put in context.

    ``wanted`` says so or not; None: the checkpoint's own way. Raises EcgError where it is wanted of
    one for user recognition: of one recording's beats, all of one person, the others would say
    nearly everything.
    """
    if wanted and meta.task != "beat-class":
        raise EcgError(
            "This checkpoint tells people apart; only classes of beats can be put in the context "
            "of a recording's others. Leave the context out."
        )
    return meta.context if wanted is None else wanted


def in_context(predictions: Predictions, inputs: BeatInputs, how: Context = CONTEXT) -> Predictions:
    """Return a recording's predictions with probabilities put in context; notes say so.

    ``alone`` keeps what the network said of each beat. ``inputs``: the network's, of the same
    beats, which are compared. A beat without usable signal keeps its probabilities, and so do all
    where there are fewer than two.
    """
    said, usable = predictions.probability, predictions.usable
    moved = said
    if np.count_nonzero(usable) > 1:
        moved = spread(said, *likeness(inputs), usable, how)
        moved = without_lone_fusions(moved, usable, predictions.classes, how)
        rhythm = fibrillation_probability(predictions.peaks)
        moved = without_early_beats_in_fibrillation(moved, rhythm, predictions.classes, how)
        moved = np.where(usable[:, None], moved, said)
    return replace(predictions, probability=moved, alone=said, notes=(FLAG, *predictions.notes))


def by_itself(predictions: Predictions) -> Predictions:
    """Return what the network said of each beat by itself: what maps and clusters explain."""
    if predictions.alone is None:
        return predictions
    notes = tuple(note for note in predictions.notes if note != FLAG)
    return replace(predictions, probability=predictions.alone, alone=None, notes=notes)


def spread(
    probability: FloatArray,
    alike: IntArray,
    far: FloatArray,
    usable: BoolArray,
    how: Context = CONTEXT,
) -> FloatArray:
    """Return probabilities (b, classes) moved towards those of beats alike; rows sum to 1.

    Parameters: ``alike`` (b, k), which beats each is most like, and ``far`` (b, k), their squared
    distances; ``usable`` (b,), the beats that are moved.
    """
    if not usable.any() or not alike.size:
        return probability
    usual = np.sort(far[usable], axis=1)[:, min(_USUAL, far.shape[1]) - 1]
    width = 2 * how.width**2 * max(float(np.median(usual)), _TINY)
    weight = how.share * np.exp(-far / width)
    own = np.log(np.maximum(probability, _TINY))
    whole = 1 + weight.sum(axis=1, keepdims=True)
    moved = own
    for _ in range(how.rounds):
        moved = (own + np.einsum("bk,bkc->bc", weight, moved[alike])) / whole
    found: FloatArray = probability.copy()
    found[usable] = softmax(moved[usable], axis=1)
    return found


def without_lone_fusions(
    probability: FloatArray,
    usable: BoolArray,
    classes: tuple[str, ...],
    how: Context = CONTEXT,
) -> FloatArray:
    """Return probabilities (b, classes), F's given to N where too few of the beats are said V.

    Enough are ``how.ventricular`` of the ``usable`` (b,), by their likeliest class. Without N, V
    and F among the classes nothing is changed.
    """
    if not {"N", "V", "F"} <= set(classes) or not usable.any():
        return probability
    n, v, f = (classes.index(name) for name in "NVF")
    if (probability[usable].argmax(axis=1) == v).mean() >= how.ventricular:
        return probability
    found = probability.copy()
    found[:, n] += found[:, f]
    found[:, f] = 0
    return found


def without_early_beats_in_fibrillation(
    probability: FloatArray,
    rhythm: DoubleArray,
    classes: tuple[str, ...],
    how: Context = CONTEXT,
) -> FloatArray:
    """Return probabilities (b, classes), S's given to N where the rhythm is fibrillation.

    ``rhythm`` (b,): how likely it is. Without N and S among the classes nothing is changed.
    """
    within = rhythm > how.fibrillation
    if not {"N", "S"} <= set(classes) or not within.any():
        return probability
    n, s = (classes.index(name) for name in "NS")
    found = probability.copy()
    found[within, n] += found[within, s]
    found[within, s] = 0
    return found
