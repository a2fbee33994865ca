import math
from dataclasses import replace

import numpy as np
import pytest

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.features.inputs import InputSpec
from ecgcore.schema import Explanation
from ecgcore.ui.explain_words import caveats, doubts, kept, told

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


def test_a_poor_fit_is_said_beside_the_map():
    said = doubts(replace(PLAIN, fit=0.16), EXPLAINERS["lime"])
    assert "R² 0.16" in said
    assert "say little" in said
    assert doubts(replace(PLAIN, fit=0.9), EXPLAINERS["lime"]) == ""
    assert doubts(PLAIN, EXPLAINERS["gradcam"]) == ""


def test_a_map_that_got_little_of_the_score_says_who_got_it():
    entry = EXPLAINERS["lrp-epsilon"]
    waveform = ("the beat's waveform", 0.22)
    lost = replace(PLAIN, parts=(waveform, (entry.rest, 5.71)), score=5.93, start=0.0)
    said = doubts(lost, entry)
    assert f"{entry.rest}: +5.71 logits" in said
    assert "shares out only +0.22" in said
    kept = replace(lost, parts=(("the beat's waveform", 7.5), (entry.rest, -1.5)))
    assert doubts(kept, entry) == ""


def test_the_size_says_what_the_scale_means_and_takes_no_side():
    """The largest may be one that speaks against, so it isn't told as an amount lost or won."""
    said = told(replace(PLAIN, signed=True, largest=0.21), EXPLAINERS["occlusion"])
    assert "1 on the scale is 0.21 logits lost." in said


@pytest.mark.parametrize("method", sorted(EXPLAINERS))
def test_rr_features_are_spoken_of_where_the_network_takes_some(method):
    entry = EXPLAINERS[method]
    assert "RR feature" not in caveats(entry, InputSpec(channels=("raw",)))
    with_rr = caveats(entry, InputSpec(channels=("raw",), rr=("pre",)))
    assert ("RR feature" in with_rr) == method.startswith("gradcam")
    assert caveats(entry) == with_rr


@pytest.mark.parametrize(
    ("channels", "rr", "said"),
    [
        (("raw",), (), ""),
        (("difference",), ("pre",), "RR features stay"),
        (("difference", "previous"), (), "neighbouring beats stay"),
        (("raw", "rr_pre_local"), ("pre",), "RR features and rows of RR intervals stay"),
        (
            ("difference", "next", "rr_pre_local"),
            ("pre",),
            "RR features, neighbouring beats and rows of RR intervals stay",
        ),
    ],
)
def test_what_stays_is_what_there_is(channels, rr, said):
    assert kept(InputSpec(channels=channels, rr=rr)) == said
