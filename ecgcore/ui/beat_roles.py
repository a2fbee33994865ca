"""Which beats of a recording trained the network that is looked through, and which tested it."""

from dataclasses import dataclass

from ecgcore.dsp.detectors import DETECTORS
from ecgcore.models.meta import CheckpointMeta
from ecgcore.schema import BoolArray, Predictions
from ecgcore.training.seen import split_records, tested_beats, trained_beats


@dataclass(frozen=True, kw_only=True, eq=False)
class Roles:
    """What each beat (b,) of a recording was to a network. What is neither was left aside."""

    trained: BoolArray
    tests: BoolArray

    def words(self, beat: int) -> str:
        """Return what is said of a beat beside its prediction, as a part of a sentence."""
        if self.trained[beat]:
            return "a training beat: the network was told the answer"
        if self.tests[beat]:
            return "a test beat: the network was not trained on it"
        return "neither a training nor a test beat"


def beat_roles(meta: CheckpointMeta, predictions: Predictions) -> Roles | None:
    """Return the beats' roles, None where the recording was not split between them.

    Beats that a detector found are not the ones that were split, and nothing is known of them.
    """
    header, peaks = predictions.header, predictions.peaks
    if peaks.source in DETECTORS or not split_records(meta, header.database, (header.name,)):
        return None
    return Roles(
        trained=trained_beats(meta, header, peaks), tests=tested_beats(meta, header, peaks)
    )
