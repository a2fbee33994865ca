"""Heart rate variability of a recording: every measure, with what it was read from."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ecgcore.errors import EcgError
from ecgcore.features.hrv.dfa import dfa
from ecgcore.features.hrv.entropy import entropy
from ecgcore.features.hrv.frequency import frequency_domain
from ecgcore.features.hrv.geometric import geometric
from ecgcore.features.hrv.measure import MEASURES, Measure
from ecgcore.features.hrv.nn import NN, Stretches, nn_intervals
from ecgcore.features.hrv.poincare import poincare
from ecgcore.features.hrv.spectrum import METHODS, Method, Spectrum, spectrum
from ecgcore.features.hrv.time_domain import time_domain
from ecgcore.schema import Peaks


@dataclass(frozen=True, kw_only=True, eq=False)
class HRV:
    """All measures of one stretch; those that are not available say why."""

    nn: NN
    spectrum: Spectrum
    measures: tuple[Measure, ...]  # in the order of MEASURES

    @cached_property
    def by_name(self) -> dict[str, Measure]:
        """The measures by their names."""
        return {measure.name: measure for measure in self.measures}

    def value(self, name: str) -> float:
        """Return one measure's value; NaN where it is not available."""
        return self.by_name[name].value


def hrv(
    peaks: Peaks,
    bad: Stretches = (),
    noisy: Stretches = (),
    *,
    method: Method = "lomb-scargle",
) -> HRV:
    """Return the heart rate variability of consecutive beats.

    ``bad`` and ``noisy``: stretches [start, stop), absolute samples, that no interval may touch;
    which others are left out: see ``nn``. ``method``: how the spectrum is made, see ``spectrum``.
    Never raises for want of beats: each measure then says what it needs. Raises EcgError for
    another method.
    """
    return hrv_of(nn_intervals(peaks, bad, noisy), method)


def hrv_of(nn: NN, method: Method = "lomb-scargle") -> HRV:
    """Return every measure of NN intervals at hand."""
    if method not in METHODS:
        raise EcgError(f"There is no spectrum {method!r}; there are: {', '.join(METHODS)}.")
    found = spectrum(nn, method)
    measures = (
        *time_domain(nn),
        *geometric(nn),
        *frequency_domain(nn, found),
        *poincare(nn),
        *entropy(nn),
        *dfa(nn),
    )
    place = {name: k for k, name in enumerate(MEASURES)}
    return HRV(nn=nn, spectrum=found, measures=tuple(sorted(measures, key=lambda m: place[m.name])))


def hrv_table(found: HRV) -> pd.DataFrame:
    """Return one row a measure: group, measure, value, unit, why it is not available, help."""
    rows = [
        {
            "group": MEASURES[m.name].group,
            "measure": MEASURES[m.name].label,
            "value": m.value,
            "unit": MEASURES[m.name].unit,
            "not available": m.reason,
            "what it says": MEASURES[m.name].help,
        }
        for m in found.measures
    ]
    return pd.DataFrame(rows)
