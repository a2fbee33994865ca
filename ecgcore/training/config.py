"""What a training run is told: a TOML file, checked whole before anything starts."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from ecgcore.errors import EcgError
from ecgcore.features.inputs import InputSpec
from ecgcore.models.meta import Task
from ecgcore.training.fusions import CHANNELS
from ecgcore.training.protocols import LATER, OWN, IdentitySplit, OwnSplit, ProtocolName
from ecgcore.training.rhythms import Kind


@dataclass(frozen=True, kw_only=True)
class Optimisation:
    """How the weights are fitted."""

    epochs: Annotated[int, Field(ge=1, le=1000)] = 10
    epoch_rule: Literal["own", "mean-curve", "last"] = "own"  # see training.choice; needs folds
    batch: Annotated[int, Field(ge=2, le=65536)] = 256
    optimiser: Literal["adamw", "adam"] = "adamw"
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 2e-3  # the peak of one cycle
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 1e-2
    majority_per_epoch: Annotated[int, Field(ge=0)] = 0  # beats of the largest class; 0: all
    class_weights: Literal["none", "sqrt", "balanced"] = "none"
    gain: Annotated[float, Field(ge=0, le=2)] = 0.0  # spread of a random log gain
    noise: Annotated[float, Field(ge=0, le=2)] = 0.0  # spread of added white noise, input units
    shift: Annotated[int, Field(ge=0, le=64)] = 0  # random shift in points, up to
    warp: Annotated[float, Field(ge=0, le=1)] = 0.0  # spread of a log stretch on each side of R
    warp_about: Annotated[float, Field(ge=0, le=1)] = 0.5  # where R stands, share of the window
    drift: Annotated[float, Field(ge=0, le=2)] = 0.0  # spread of a log gain that drifts along it
    wander: Annotated[float, Field(ge=0, le=2)] = 0.0  # spread of a baseline, input units
    # Of waveforms of one beat, with R at ``warp_about`` (see training.augment):
    t_gain: Annotated[float, Field(ge=0, le=2)] = 0.0  # spread of a log gain of ST and T
    t_bump: Annotated[float, Field(ge=0, le=4)] = 0.0  # height of a bump where T is, input units
    p_gain: Annotated[float, Field(ge=0, le=2)] = 0.0  # spread of a log gain of P
    blur: Annotated[float, Field(ge=0, le=0.25)] = 0.0  # most of a point that neighbours share
    virtual_leads: Annotated[int, Field(ge=0, le=32)] = 0  # versions of a beat to draw from
    own_lead: Annotated[float, Field(ge=0, le=1)] = 0.2  # share of beats that stay in theirs
    rhythms: Annotated[float, Field(ge=0, le=1)] = 0.0  # share of N beats put in drawn rhythms
    rhythm_kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = ("fibrillation",)  # in turn
    ventricular_rhythms: Annotated[float, Field(ge=0, le=1)] = 0.0  # share of V beats put in drawn
    fusions: Annotated[int, Field(ge=0)] = 0  # drawn F beats an epoch; see training.fusions
    drawn_patients: Annotated[int, Field(ge=0)] = 0  # their beats; see training.drawn_patients
    class_bias: Literal["none", "held-out"] = "none"  # see training.prior; needs folds

    @property
    def draws(self) -> bool:
        """Whether more trains than the recordings' own beats: leads, rhythms or patients drawn."""
        return bool(
            self.virtual_leads or self.rhythms or self.ventricular_rhythms or self.drawn_patients
        )


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """One training run. ``train`` and ``test`` are as the command line's ``--records``."""

    name: str  # of the checkpoint
    title: str
    architecture: str
    task: Task
    database: str
    protocol: ProtocolName
    train: str
    test: str
    lead: str | None = None  # what the recordings are of; the input's own ``lead`` may be None
    classes: tuple[str, ...] = ()  # identity: left out, the records are the classes
    folds: tuple[tuple[str, ...], ...] = ()  # training patients held out to choose the epoch
    network: dict[str, Any] = field(default_factory=dict)
    input: InputSpec = field(default_factory=InputSpec)
    optimisation: Optimisation = field(default_factory=Optimisation)
    split: IdentitySplit | None = None
    also: tuple[OwnSplit, ...] = ()  # identity: splits to report beside it
    seeds: tuple[int, ...] = (0,)
    test_database: str | None = None  # where ``test`` is, when not in ``database``
    purpose: str = ""  # for the card
    limits: str = ""  # for the card: where it fails
    context: bool = False  # predictions are put in the context of a recording's other beats
    choices: str = ""  # for the card: what its design and settings were chosen by, beyond the run

    def __post_init__(self) -> None:
        splits = self.task == "identity" or self.protocol == "intra-patient"
        if splits != (self.split is not None):
            raise EcgError(
                "An identity run and the protocol intra-patient need [split], the others take none."
            )
        if self.split is not None and self.protocol not in _protocols(self.task, self.split):
            raise EcgError(f"The split is {self.split.kind!r}, the protocol {self.protocol!r}.")
        if self.also and self.task != "identity":
            raise EcgError("Only an identity run has other splits to report; leave 'also' out.")
        if self.test_database is not None and self.protocol not in LATER:
            raise EcgError(
                f"The protocol {self.protocol!r} tests on the training database; leave "
                f"'test_database' out, or take one of {', '.join(LATER)}."
            )
        if self.lead and self.input.lead and self.lead != self.input.lead:
            raise EcgError(
                f"The run's lead is {self.lead!r}, its input's {self.input.lead!r}; name one, once."
            )
        how, spec = self.optimisation, self.input
        if how.virtual_leads and not (spec.kind == "waveform" and spec.scale == "record"):
            raise EcgError(
                "Virtual leads need an input of kind 'waveform' with scale 'record'; set both, or "
                "virtual_leads to 0."
            )
        if how.rhythms and not (spec.rr and "N" in self.classes):
            raise EcgError("Drawn rhythms need RR features and class N; set rhythms to 0.")
        if how.ventricular_rhythms and not (spec.rr and "V" in self.classes):
            raise EcgError(
                "Drawn ventricular rhythms need RR features and class V; set ventricular_rhythms "
                "to 0."
            )
        if how.fusions and not (
            {"N", "V", "F"} <= set(self.classes) and CHANNELS & {*spec.channels}
        ):
            raise EcgError(
                "Drawn fusions need the classes N, V and F and a channel of differences "
                f"({', '.join(sorted(CHANNELS))}); set fusions to 0."
            )
        if how.drawn_patients and not (
            spec.kind == "waveform" and spec.scale == "record" and {"N", "S"} <= set(self.classes)
        ):
            raise EcgError(
                "Drawn patients need an input of kind 'waveform' with scale 'record' and the "
                "classes N and S; set drawn_patients to 0."
            )
        if how.drawn_patients and self.split is not None:
            raise EcgError(
                "Patients are drawn from all beats of a recording, those that test among them; set "
                "drawn_patients to 0, or leave [split] out."
            )
        if how.class_bias == "held-out" and not self.folds:
            raise EcgError("A held-out class bias needs folds; name the patients of each.")
        if self.context and self.task != "beat-class":
            raise EcgError(
                "Only classes of beats can be put in the context of a recording's others; leave "
                "'context' out."
            )
        if self.task == "beat-class" and len(self.classes) < 2:
            raise EcgError("A beat-class run needs two classes or more.")


def _protocols(task: Task, split: IdentitySplit) -> tuple[ProtocolName, ...]:
    """Return the protocols that a split may make."""
    if task == "identity":
        return LATER if split.kind == "whole" else (OWN[split.kind],)
    return ("intra-patient",) if split.kind == "random" else ()


def load_config(path: Path) -> TrainConfig:
    """Read a TOML file. Raises EcgError, naming the file and the key, for anything odd in it."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EcgError(f"{path} can't be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EcgError(f"{path} is not TOML: {error}.") from None
    return check_config(given, str(path))


def check_config(given: Mapping[str, Any], place: str) -> TrainConfig:
    """Return the run that plain values tell. Raises EcgError, naming ``place`` and the key."""
    try:
        config = TypeAdapter(TrainConfig).validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EcgError(f"{place}: {where or 'the settings'}: {first['msg']}.") from None
    except EcgError as error:
        raise EcgError(f"{place}: {error}") from None
    unknown = _unknown(given, config)
    if unknown:
        raise EcgError(f"{place}: there is no setting {', '.join(unknown)}; see configs/README.md.")
    return config


def _unknown(given: Any, understood: Any, place: str = "") -> list[str]:
    """Return the keys of ``given`` that the dataclass ``understood`` has no field for."""
    if isinstance(given, list) and isinstance(understood, tuple):
        pairs = zip(given, understood, strict=False)
        return [key for pair in pairs for key in _unknown(*pair, place)]
    if not isinstance(given, dict) or not is_dataclass(understood):
        return []
    assert not isinstance(understood, type)
    strange = []
    for key, value in given.items():
        if key not in asdict(understood):
            strange.append(f"{place}{key}")
        else:
            strange += _unknown(value, getattr(understood, key), f"{place}{key}.")
    return strange
