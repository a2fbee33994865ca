"""Which beats of a recording are most alike, from the inputs that a network is given of them.

Where a network sees typical beats its inputs know it already, and nothing is searched again.
"""

from ecgcore.features.alike import how_far, most_alike
from ecgcore.features.inputs import BeatInputs
from ecgcore.features.stack import prepare
from ecgcore.schema import FloatArray, IntArray


def likeness(inputs: BeatInputs) -> tuple[IntArray, FloatArray]:
    """Return the beats that each of b is most like (b, k), and their squared distances (b, k).

    By shape, in the recording's own spread, and rhythm (``features.alike``). Without meaning for
    beats that are not usable; of usable ones only usable ones are named. Raises RecordError when
    no beat is usable, or with fewer than two.
    """
    stack, beats = inputs.stack, inputs.beats
    if stack.unit is None or inputs.spec.scale != "record":
        stack = prepare(beats, ("deviation",), "record")
    alike = (
        most_alike(stack.deviations, beats.peaks, beats.usable)
        if stack.alike is None
        else stack.alike.pool[stack.alike.place]
    )
    return alike, how_far(stack.deviations, beats.peaks, alike)
