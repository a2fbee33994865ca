"""What the clusters panel says in words: of the clusters, how faithful they are, how chosen."""

from collections.abc import Sequence
from typing import Any

from ecgcore.clusters.judged import Judged
from ecgcore.clusters.model import UNNAMED, ClusterModel, sees_waves
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.ui.text import counted, number, plain, signed


def fidelity_words(judged: Judged) -> str:
    """Say how much of what the network says is in the clusters, beside saying the same always."""
    told = (
        "**Do they hold what the network goes by?** A forest that sees only how much of a beat "
        f"each cluster has agrees with the network on {_percent(judged.agreement)} of the beats "
        f"(macro F1 {number(judged.macro_f1)}) of {counted(judged.records, 'recording')} of "
        f"{plain(judged.database)}"
        + (" that it was not fitted on" if judged.unseen else "")
        + f"; always saying the commonest class would on {_percent(judged.majority)}."
    )
    if judged.with_rr is not None:
        told += (
            f" With the RR features that the network itself is given: {_percent(judged.with_rr)}."
        )
    if judged.found:
        names = ", ".join(f"{_percent(share, 0)} of {wave}" for wave, share in judged.found.items())
        told += f" By experts' marks ({plain(judged.marks)}) the names find {names}."
    return told


def cluster_words(
    checkpoint: Checkpoint,
    model: ClusterModel,
    score: float,
    ordinary: float,
    target: str,
    labels: tuple[str, ...],
) -> str:
    """Say how the panel is to be read; ``score`` and ``ordinary``: ``contribution``."""
    if sees_waves(checkpoint.meta.input):
        names = (
            "Its name is the wave of an ordinary beat where it mostly falls (after an R-peak | "
            "before the next), by position, not by an expert"
        )
        if any(UNNAMED in label for label in labels):
            names += f"; “{UNNAMED}”: no wave of an ordinary beat stands out in it"
    else:
        names = (
            "This network sees what differs from the record's median beat and never a whole wave: "
            "its clusters are kinds of departure, so they have letters; "
            f"{labels[0]}, the commonest, is mostly no departure at all"
        )
    return (
        "A cluster is what the network's last blocks make alike, over all beats it was fitted on. "
        f"{names}. In brackets and marked on the shares: the recording's mean. "
        f"Contributions sum to {signed(score - ordinary, 2)}: the log odds of "
        f"**{plain(target)}** are {number(score)} here and {number(ordinary)} for the mean beat "
        "with the same RR intervals. "
        f"{_percent(model.space.explained, 0)} of the activations' variance is in what is "
        "clustered. Low entropy says that a point is like others the network knows, not that it "
        "is right."
    )


def kinds_words(compared: Sequence[dict[str, Any]]) -> str:
    """Say how the kinds of clusters did in the other lead, nothing of clusters of one kind only."""
    if not compared:
        return ""
    told = ", ".join(
        f"{one['kind']} {one['fidelity']:.2f}"
        + ("" if one["names"] is None else f" (names {one['names']:.2f})")
        for one in compared
    )
    return f" The kind was chosen alike, by the recordings' other lead: {told}."


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"
