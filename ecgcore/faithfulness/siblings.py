"""Other networks whose maps stand beside a checkpoint's: other seeds, or an ensemble's members.

A sibling has the same architecture and sizes, sees the same input and knows the same classes, was
trained by the same protocol on the same beats with the same settings, and has other weights: what
was trained longer or on more beats is another network, and no other seed of this one. Only the
median seed of most tables' rows is a checkpoint, so most have none; then the reason is told.
"""

from collections.abc import Mapping
from typing import Any

from torch import nn

from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint, list_checkpoints, load_checkpoint, read_meta
from ecgcore.models.meta import CheckpointMeta
from ecgcore.models.network import Network

NO_SIBLING = (
    "not available: of this network one seed's weights are among the checkpoints, no other's"
)


def siblings(checkpoint: Checkpoint) -> dict[str, Network]:
    """Return the networks to compare with, by name; empty where there are none."""
    members = getattr(checkpoint.network, "members", None)
    if isinstance(members, nn.ModuleList) and all(isinstance(part, Network) for part in members):
        return {f"member {k + 1}": part for k, part in enumerate(members)}  # type: ignore[misc]
    found = {}
    for name in list_checkpoints():
        try:
            if name == checkpoint.name or not _alike(checkpoint.meta, read_meta(name)):
                continue
            other = load_checkpoint(name)
        except EcgError:
            continue
        if other.digest != checkpoint.digest:
            found[name] = other.network
    return found


def _alike(one: CheckpointMeta, other: CheckpointMeta) -> bool:
    return (
        all(
            getattr(one, key) == getattr(other, key)
            for key in ("architecture", "config", "task", "input", "classes", "lead", "data_hash")
        )
        and (one.protocol.name, one.protocol.train, one.protocol.test)
        == (
            other.protocol.name,
            other.protocol.train,
            other.protocol.test,
        )
        and _trained_alike(one.training, other.training)
    )


def _trained_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether all settings that both tell are the same: earlier checkpoints tell fewer."""
    first, second = one.get("optimisation", {}), other.get("optimisation", {})
    return all(second[key] == value for key, value in first.items() if key in second)
