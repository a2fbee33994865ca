"""The ways to use a trained network as a table: its file's name, title and columns."""

from typing import Final

from ecgcore.experiments.ablation_plan import JUDGED
from ecgcore.experiments.catalog import Column, Experiment

# Its rows are ways (``ways``), not configurations.
TABLE: Final = Experiment(
    name="ways",
    title="Context and calibration, on held-out training patients",
    rows=(),
    columns=(
        Column(figure="macro_f1", title="F1 (N S V F)"),
        Column(figure="gain.macro_f1", title="gain"),
        *(Column(figure=f"f1.{name}", title=f"F1 of {name}") for name in (*JUDGED, "F")),
        Column(figure="by_patient.S.f1", title="S by patient: F1"),
        Column(figure="by_patient.V.f1", title="V by patient: F1"),
        Column(figure="by_patient.F.f1", title="F by patient: F1"),
        Column(figure="accuracy", title="accuracy"),
    ),
    headline="macro_f1",
    classes=(*JUDGED, "F"),
)
