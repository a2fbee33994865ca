"""The experiments there are: tables whose rows are committed configurations."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ecgcore.errors import EcgError
from ecgcore.settings import settings
from ecgcore.training.metrics import FIVE, FOUR

IN_CONTEXT: Final = "in-context"  # the scoring of networks whose predictions are in context


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: a configuration, ``<table>/<row>`` under ``configs/``.

    ``scoring``: one of ``rescoring.SCORINGS``, which then is the row's name, where the networks of
    the row with the same configuration are scored in another way; nothing more is trained.
    """

    config: str
    title: str
    scoring: str = ""

    @property
    def home(self) -> str:
        """The experiment whose file keeps the row's results."""
        return self.config.partition("/")[0]

    @property
    def name(self) -> str:
        """The row's name within its home."""
        return self.scoring or self.config.partition("/")[2]

    @property
    def trained(self) -> "Row":
        """The row whose networks it scores: itself, where it trains its own."""
        return replace(self, scoring="")

    @property
    def path(self) -> Path:
        """The configuration file."""
        return settings().config_dir / f"{self.config}.toml"

    @property
    def checkpoint(self) -> str:
        """The name of the row's checkpoint."""
        return f"{self.home}-{self.name}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One figure: its place in a seed's figures (names with dots), and its head."""

    figure: str
    title: str
    of: str = ""  # a count instead of a share: the figure that it is out of


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A table."""

    name: str
    title: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]  # published ones first, then those that only we report
    headline: str  # the figure that stands for a row
    classes: tuple[str, ...] = ()  # that macro figures without a record are over; (): all
    versus: bool = False  # differences from the first row are part of the table
    first: str = ""  # the row that the page opens on; "" for the last that has results

    @property
    def derived(self) -> bool:
        """Whether all its rows are another table's: nothing is trained for it."""
        return all(row.home != self.name for row in self.rows)

    @property
    def command(self) -> str:
        """What makes it."""
        return f"python -m ecgcore reproduce {self.name}"


_ACC: Final = Column(figure="mean_ovr_accuracy", title="Acc (mean one-vs-rest)")
_SE: Final = Column(figure="macro.se", title="Se")
_PR: Final = Column(figure="macro.ppv", title="+P")
_F1: Final = Column(figure="macro.f1_4", title="F1 (N S V F)")
_OURS: Final = (
    Column(figure="accuracy", title="overall accuracy"),
    Column(figure="macro.f1_5", title="F1 with Q"),
    Column(figure="per_class.S.f1", title="F1 of S"),
    Column(figure="per_class.V.f1", title="F1 of V"),
    Column(figure="per_class.F.f1", title="F1 of F"),
    Column(figure="ece", title="calibration error"),
)
_RESUNET: Final = (
    Row(config="table3/resunet", title="Baseline"),
    Row(config="table3/resunet-a1", title="A1 (Concat)"),
    Row(config="table3/resunet-a2", title="A2 (Cross-Attn)"),
    Row(config="table3/resunet-b1", title="B1 (Concat-TF)"),
    Row(config="table3/resunet-b2", title="B2 (MHCA-TF)"),
)
_MACNN: Final = (
    Row(config="table4/macnn-se", title="Baseline (early RR rows)"),
    Row(config="table4/macnn-concat", title="Naive concat"),
    Row(config="table4/macnn-mhca", title="MHCA, h = 1"),
    Row(config="table4/macnn-hybrid", title="Hybrid MHCA (early + late)"),
)

EXPERIMENTS: Final[dict[str, Experiment]] = {
    one.name: one
    for one in (
        Experiment(
            name="table3",
            title="Table 3: ResUNet, how ECG and RR are joined",
            rows=_RESUNET,
            columns=(_F1, _SE, _PR, _ACC, *_OURS),
            headline="macro.f1_4",
            classes=FOUR,
        ),
        Experiment(
            name="table4",
            title="Table 4: MACNN-SE, how ECG and RR are joined",
            rows=_MACNN,
            columns=(_F1, _SE, _ACC, _PR, *_OURS),
            headline="macro.f1_4",
            classes=FOUR,
        ),
        Experiment(
            name="table5",
            title="Table 5: what early rows and late attention each give",
            rows=(_MACNN[0], _MACNN[2], _MACNN[3]),
            columns=(_SE,),
            headline="macro.se",
            classes=FOUR,
            versus=True,
        ),
        Experiment(
            name="table6",
            title="Table 6: class S, ResUNet",
            rows=(_RESUNET[0], _RESUNET[4]),
            columns=(
                Column(figure="per_class.S.ppv", title="+P of S"),
                Column(figure="per_class.S.se", title="Se of S"),
                Column(figure="per_class.S.f1", title="F1 of S"),
            ),
            headline="per_class.S.f1",
            classes=FOUR,
            versus=True,
        ),
        Experiment(
            name="beats",
            title="Beat images: random beats of the same patients",
            rows=(
                Row(config="beats/spectrogram", title="Spectrogram CNN"),
                Row(config="beats/image", title="Waveform-image CNN"),
                Row(config="beats/waveform", title="Waveform and RR intervals: ours"),
            ),
            columns=(
                Column(figure="macro.f1_5", title="F1 (five classes)"),
                *(Column(figure=f"per_class.{c}.f1", title=f"F1 of {c}") for c in FIVE),
                Column(figure="accuracy", title="accuracy"),
            ),
            headline="macro.f1_5",
            classes=FIVE,
        ),
        Experiment(
            name="best",
            title="Our best between patients",
            first=IN_CONTEXT,
            rows=(
                Row(config="best/inter-patient", title="One lead, new people"),
                Row(
                    config="best/inter-patient",
                    title="… in the context of their other beats",
                    scoring=IN_CONTEXT,
                ),
                Row(
                    config="best/inter-patient",
                    title="… in context, and the labels of their first minute",
                    scoring="calibrated",
                ),
                Row(
                    config="best/inter-patient",
                    title="… in context, on detected R-peaks",
                    scoring="end-to-end",
                ),
            ),
            columns=(
                _F1,
                _SE,
                _PR,
                _ACC,
                *_OURS,
                Column(figure="held_out_f1", title="F1 on held-out DS1"),
            ),
            headline="macro.f1_4",
            classes=FOUR,
        ),
        Experiment(
            name="identity",
            title="User recognition: who is it",
            rows=(
                Row(config="identity/random", title="Random beats"),
                Row(config="identity/random-wave", title="Random beats, waveform"),
                Row(config="identity/time", title="First 70 % of the time, then the rest"),
                Row(config="identity/time-wave", title="First 70 %, then the rest, waveform"),
                Row(config="identity/hours", title="Hours later"),
                Row(config="identity/hours-wave", title="Hours later, waveform"),
                Row(config="identity/hours-qrs", title="Hours later, P and QRS in mV"),
                Row(config="identity/hours-long", title="Hours later, longer training"),
                Row(
                    config="identity/hours-qrs-long",
                    title="Hours later, P and QRS in mV, longer training",
                ),
                Row(config="identity/sessions-wave", title="Other days, waveform"),
            ),
            columns=(
                Column(figure="macro.ppv", title="+P"),
                Column(figure="macro.se", title="Se"),
                Column(figure="macro.f1", title="F1"),
                Column(figure="accuracy", title="accuracy (rank 1)"),
                Column(figure="identification.beats.rank_5", title="rank 5"),
                Column(figure="identification.beats.eer", title="equal error rate"),
                Column(figure="identification.recordings.rank_1", title="rank 1 by recording"),
                Column(figure="identification.recordings.rank_5", title="rank 5 by recording"),
                Column(figure="identification.recordings.eer", title="EER by recording"),
                Column(
                    figure="identification.people.right",
                    title="people by vote",
                    of="identification.people.n",
                ),
            ),
            headline="accuracy",
        ),
    )
}


def experiment(name: str, *, beside: Iterable[str] = ()) -> Experiment:
    """Return an experiment. Raises EcgError, naming those there are and those ``beside`` them."""
    if name not in EXPERIMENTS:
        there = ", ".join([*EXPERIMENTS, *beside])
        raise EcgError(f"There is no experiment {name!r}; there are {there}.")
    return EXPERIMENTS[name]
