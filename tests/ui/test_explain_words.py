import math
from dataclasses import replace

import numpy as np

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.schema import Explanation
from ecgcore.ui.explain_words import told

PLAIN = Explanation(
    method="gradcam",
    target="V",
    prediction={"V": 1.0},
    values=np.zeros(3, np.float32),
    start_sample=0,
    fs=360.0,
)


def test_a_method_without_figures_has_nothing_to_add():
    assert told(PLAIN, EXPLAINERS["gradcam"]) == ""


def test_the_parts_that_matter_are_named_and_the_others_summed():
    parts = (("the beat's waveform", 2.0), *((f"feature {k}", k / 10) for k in range(6)))
    total = sum(amount for _, amount in parts)
    said = told(
        replace(PLAIN, signed=True, largest=0.5, quantity="logits", parts=parts, score=total - 1,
                start=-1.0),
        EXPLAINERS["integrated-gradients"],
    )  # fmt: skip
    assert "the beat's waveform +2.00" in said
    assert "feature 5 +0.50" in said
    assert "feature 0" not in said
    assert "all others +0.30" in said  # 0.0 + 0.1 + 0.2
    assert "from −1.00" in said
    assert "0.5 logits a point" in said


def test_the_fit_and_the_reference_are_said_where_there_are_some():
    said = told(
        replace(PLAIN, fit=0.61, reference="the record's own median beat"), EXPLAINERS["lime"]
    )
    assert "R² 0.61" in said
    assert "median beat" in said
    assert "R²" not in told(replace(PLAIN, fit=math.nan), EXPLAINERS["lime"])
