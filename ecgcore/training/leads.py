"""Which lead of a recording a network is given: one rule, in training and wherever it is used."""

from ecgcore.features.inputs import InputSpec
from ecgcore.schema import choose_lead


def own_lead(spec: InputSpec, lead: str | None) -> str | None:
    """Return the lead a network is for: its input's, else the one its run or meta names."""
    return spec.lead or lead


def pick_lead(leads: tuple[str, ...], own: str | None, wanted: str | None = None) -> str:
    """Return ``wanted``, else the network's ``own`` where there is one, else MLII or the first.

    Raises RecordError when ``wanted`` is not among ``leads``.
    """
    return leads[choose_lead(leads, wanted or (own if own in leads else None))]
