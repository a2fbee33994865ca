"""Sane settings to begin with: those of the committed configurations, network by network."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from ecgcore.errors import EcgError
from ecgcore.features.inputs import InputSpec
from ecgcore.features.rr import RR_SEVEN
from ecgcore.models.registry import NETWORKS, network_entry
from ecgcore.settings import settings
from ecgcore.training.config import TrainConfig, load_config

# Family -> how the RR intervals are joined with the waveform -> network.
FAMILIES: Final[dict[str, dict[str, str]]] = {
    "ResUNet": {
        "cross-attention, feed-forward (B2)": "resunet-b2",
        "cross-attention (A2)": "resunet-a2",
        "concatenation, feed-forward (B1)": "resunet-b1",
        "concatenation (A1)": "resunet-a1",
        "no RR intervals": "resunet",
    },
    "MACNN-SE": {
        "early rows and cross-attention (hybrid)": "macnn-hybrid",
        "late cross-attention": "macnn-mhca",
        "late concatenation": "macnn-concat",
        "early RR rows": "macnn-se",
    },
}
RR_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "seven of the fusion study": RR_SEVEN,
    "log ratios and irregularity": (
        "log_pre_global",
        "log_post_global",
        "log_pre_local",
        "log_pre_post",
        "local_median_step",
        "local_step_share",
        "local_log_spread",
    ),
    "none": (),
}
# What has no configuration of its own begins with another's input and optimisation.
_STAND_IN: Final = "resunet"


def families() -> dict[str, dict[str, str]]:
    """Return every network of the registry: family -> fusion -> name."""
    placed = {name for fusions in FAMILIES.values() for name in fusions.values()}
    alone = {
        entry.title: {"no RR intervals": name}
        for name, entry in NETWORKS.items()
        if name not in placed
    }
    return {**FAMILIES, **alone}


def place_of(architecture: str) -> tuple[str, str]:
    """Return a network's family and fusion. Raises CheckpointError for an unknown one."""
    network_entry(architecture)
    return next(
        (family, fusion)
        for family, fusions in families().items()
        for fusion, name in fusions.items()
        if name == architecture
    )


def committed() -> dict[str, TrainConfig]:
    """Return the committed configurations by the path of their file, without its ending."""
    root, found = settings().config_dir, {}
    for path in sorted(root.rglob("*.toml")):
        try:
            found[_name(root, path)] = load_config(path)
        except EcgError:
            continue  # tables of published figures, and what somebody is just writing
    return found


def preset(architecture: str, there: Mapping[str, TrainConfig]) -> TrainConfig:
    """Return the settings to begin with for a network: of ``there``, the tables' rows first.

    One seed, and every third training patient held out where nothing else is configured.
    """
    rows = sorted(there, key=lambda name: ("/" not in name, name))
    for name in rows:
        if there[name].architecture == architecture:
            return _one_run(there[name])
    kind = network_entry(architecture).kind
    likely = [name for name in rows if there[name].input.kind == kind]
    chosen = [name for name in likely if there[name].architecture == _STAND_IN] or likely
    if not chosen:
        raise EcgError(
            f"There is no configuration for {architecture} or a network like it in "
            f"{settings().config_dir}; write one, see configs/README.md there."
        )
    found = there[chosen[0]]
    rr = found.input.rr if NETWORKS[architecture].config().rr_features else ()
    return _one_run(
        replace(found, architecture=architecture, network={}, input=replace(found.input, rr=rr))
    )


def rr_option(spec: InputSpec) -> str:
    """Return the name of a spec's RR features, "own" where they are none of the options."""
    return next((name for name, rr in RR_OPTIONS.items() if rr == spec.rr), "own")


def held_out(train: tuple[str, ...], folds: int) -> tuple[tuple[str, ...], ...]:
    """Deal training patients into folds that are held out in turn; one fold is a third of them."""
    if folds == 1:
        return (train[::3],)
    return tuple(train[k::folds] for k in range(folds))


def _one_run(config: TrainConfig) -> TrainConfig:
    return replace(
        config,
        seeds=config.seeds[:1],
        also=(),
        purpose="",
        limits="",
        choices="",
        optimisation=replace(config.optimisation, epoch_rule="own"),
    )


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).with_suffix("").as_posix()
