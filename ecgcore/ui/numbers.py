"""Number boxes whose bounds are told: Streamlit's own would quietly keep the number before."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ecgcore.errors import EcgError


class Numbers:
    """The number boxes of a form; what is out of bounds is told once all of it is drawn.

    A box returns its number, or the bound next to it, so that the rest of the form can be drawn.
    ``more`` is as of ``st.number_input``.
    """

    def __init__(self) -> None:
        self._said: list[str] = []

    def whole(
        self,
        label: str,
        low: int,
        high: int,
        value: int,
        place: DeltaGenerator | None = None,
        **more: Any,
    ) -> int:
        """Draw a box for a whole number."""
        given = (place or st).number_input(label, value=value, **more)
        return int(self._within(label, low, high, given))

    def real(
        self,
        label: str,
        low: float,
        high: float,
        value: float,
        place: DeltaGenerator | None = None,
        **more: Any,
    ) -> float:
        """Draw a box for a number."""
        given = (place or st).number_input(label, value=float(value), **more)
        return float(self._within(label, low, high, given))

    def note(self, fault: EcgError) -> None:
        """Tell this too once the form is drawn: boxes that are not drawn lose what was typed."""
        self._said.append(str(fault))

    def check(self) -> None:
        """Raise EcgError with all that was noted: numbers out of bounds, other faults."""
        if self._said:
            raise EcgError(" ".join(self._said))

    def _within(self, label: str, low: float, high: float, given: float) -> float:
        if not low <= given <= high:
            self._said.append(f"{label}: {given:g} is not between {low:g} and {high:g}.")
        return min(max(given, low), high)
