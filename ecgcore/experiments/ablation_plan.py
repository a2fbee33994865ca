"""Which variants an ablation compares: ``configs/ablation.toml``, checked before it starts."""

import tomllib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from ecgcore.errors import EcgError
from ecgcore.experiments.catalog import Column, Experiment
from ecgcore.settings import settings
from ecgcore.training.config import TrainConfig, check_config

JUDGED: Final = ("N", "S", "V")
# As a table, for its file and the command; its rows are variants, not configurations.
ABLATION: Final = Experiment(
    name="ablation",
    title="Ablation: what each idea of the best between patients gives",
    rows=(),
    columns=(
        Column(figure="by_patient.S.f1", title="S by patient: F1"),
        Column(figure="gain.by_patient.S.f1", title="gain"),
        Column(figure="by_patient.S.se", title="Se"),
        Column(figure="by_patient.S.auroc", title="AUROC"),
        Column(figure="by_patient.V.f1", title="V by patient: F1"),
        Column(figure="mean_f1", title="all beats: F1 (mean of N S V)"),
        Column(figure="gain.mean_f1", title="gain"),
        *(Column(figure=f"f1.{name}", title=f"F1 of {name}") for name in (*JUDGED, "F")),
    ),
    headline="by_patient.S.f1",
    classes=JUDGED,
)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The base with some settings changed, given by their names with dots."""

    name: str
    title: str
    against: str = ""  # the variant that it is one step from
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A base, ``<table>/<row>`` under ``configs/``, and its variants in the order of the table."""

    title: str
    base: str
    seeds: tuple[int, ...]
    variants: tuple[Variant, ...]


def load_plan() -> Plan:
    """Read the ablation's file. Raises EcgError, naming what is odd in it."""
    path = settings().config_dir / "ablation.toml"
    try:
        plan = TypeAdapter(Plan).validate_python(_read(path.name))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise EcgError(f"{path}: {where}: {first['msg']}.") from None
    names = [variant.name for variant in plan.variants]
    for place, variant in enumerate(plan.variants):
        if variant.name in names[:place]:
            raise EcgError(f"{path}: there are two variants {variant.name!r}; rename one.")
        if variant.against and variant.against not in names[:place]:
            raise EcgError(
                f"{path}: {variant.name!r} is against {variant.against!r}, which is no variant "
                "before it; name one of those or leave it out."
            )
    if not plan.seeds or any(one == other for one, other in pairwise(sorted(plan.seeds))):
        raise EcgError(f"{path}: give one seed or more, each once.")
    return plan


def variant_config(plan: Plan, variant: Variant) -> TrainConfig:
    """Return the run of a variant.

    Raises EcgError for settings there aren't, and where nothing is held out or the number of
    epochs is chosen by those beats: what they said of themselves would be too good.
    """
    given = _read(f"{plan.base}.toml")
    for name, value in variant.settings.items():
        _table(given, name)[name.rpartition(".")[2]] = value
    given["seeds"] = list(plan.seeds)
    place = f"ablation.toml: variant {variant.name}"
    config = check_config(given, place)
    if not config.folds or config.optimisation.epoch_rule != "last":
        raise EcgError(
            f"{place}: an ablation needs folds and the epoch_rule 'last'; set both in {plan.base}."
        )
    missing = sorted({*JUDGED, "F"} - set(config.classes))
    if missing:
        raise EcgError(f"{place}: the classes {', '.join(missing)} are left out; add them.")
    return config


def _read(name: str) -> dict[str, Any]:
    path = settings().config_dir / name
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EcgError(f"{path} can't be read ({error}); restore the file.") from None


def _table(given: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the table of plain values that ``name``, with dots between tables, is in."""
    place: Any = given
    for table in name.split(".")[:-1]:
        place = place.setdefault(table, {})
        if not isinstance(place, dict):
            raise EcgError(f"ablation.toml: {name}: {table} is no table; see configs/README.md.")
    found: dict[str, Any] = place
    return found
