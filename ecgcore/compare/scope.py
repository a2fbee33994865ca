"""Which beats of a recording count when a checkpoint is judged."""

from dataclasses import replace

import numpy as np

from ecgcore.compare.confusion import truth_of
from ecgcore.models.meta import CheckpointMeta
from ecgcore.schema import Predictions
from ecgcore.training.seen import tested_beats


def held_out(meta: CheckpointMeta, predictions: Predictions) -> Predictions:
    """Return the predictions with the true class kept on beats that test the checkpoint.

    A checkpoint for user recognition was trained on some beats of the very recordings it knows:
    those, and beats outside the stretch that was split, lose their true class, so that they
    count nowhere. Predictions of any other checkpoint are returned as they are.
    """
    if meta.training.get("split") is None or predictions.truth is None:
        return predictions
    tests = tested_beats(meta, predictions.header, predictions.peaks)
    return replace(predictions, truth=np.where(tests, truth_of(predictions), ""))
