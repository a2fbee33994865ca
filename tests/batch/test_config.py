"""A batch's settings: what makes no sense, or names what is not there, is said first."""

import pytest

from ecgcore.batch.config import batch_config
from ecgcore.errors import EcgError


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"steps": ("peaks", "dance")},
            "^The batch: 'dance' is no choice for steps; "
            "possible are 'peaks', 'classify', 'rr' or 'explain'.$",
        ),
        ({"steps": ("explain",), "checkpoint": "x"}, "needs the step classify"),
        ({}, "needs a checkpoint"),
        ({"checkpoint": "x", "maps": 0}, "The batch: maps"),
        ({"checkpoint": "x", "peaks": "drawn"}, "no choice for peaks; possible are 'detected'"),
    ],
)
def test_settings_that_make_no_sense_are_said(values: dict[str, object], said: str):
    with pytest.raises(EcgError, match=said):
        batch_config({"database": "demo", **values}, "The batch")
