"""Frequency-domain measures: the bands of the 1996 Task Force.

A band is given where the NN intervals last long enough for its slow end: HF 1 minute and LF 2
minutes (Task Force, recommendations), VLF five periods of 0.003 Hz, ULF 18 hours (what the Task
Force calls a long-term recording). The spectrum of the intervals as they came (Lomb–Scargle) also
needs NN intervals over 80 % of its span: where many are left out, what remains is sampled too
thinly and fast changes are taken for slow ones; Welch's asks that of each segment.

Total power is, of five minutes as of a day, the variance at up to 0.4 Hz (Task Force, table 2). So
it holds what is slower than LF also where the stretch is too short for VLF or ULF by themselves
(the Task Force calls VLF of five minutes dubious), and needs what LF and HF need. Welch's, the mean
of its segments', is the Task Force's 5-minute total power whatever the recording's length.
"""

from typing import Final

from ecgcore.features.hrv.measure import Measure, missing, number, too_few, too_short
from ecgcore.features.hrv.nn import NN
from ecgcore.features.hrv.spectrum import HIGHEST, SEGMENT_S, Spectrum

BANDS: Final[dict[str, tuple[float, float]]] = {  # Hz, from … to before …
    "ulf": (0.0, 0.003),
    "vlf": (0.003, 0.04),
    "lf": (0.04, 0.15),
    "hf": (0.15, HIGHEST + 1e-9),
}
LEAST_S: Final = {"ulf": 18 * 3600.0, "vlf": 5 / 0.003, "lf": 120.0, "hf": 60.0}
LEAST: Final = 30  # intervals
COVERED_SHARE: Final = 0.8
# What stands beside the four bands, and the bands that it is made of.
_MADE_OF: Final[dict[str, tuple[str, ...]]] = {
    "total_power": ("lf", "hf"),
    "ulf": ("ulf",),
    "vlf": ("vlf",),
    "lf": ("lf",),
    "hf": ("hf",),
    "lf_hf": ("lf", "hf"),
    "lf_nu": ("lf", "hf"),
    "hf_nu": ("lf", "hf"),
    "lf_peak": ("lf",),
    "hf_peak": ("hf",),
}


def frequency_domain(nn: NN, found: Spectrum) -> list[Measure]:
    """Return the frequency-domain measures of ``nn``, read from its spectrum."""
    covered = float(nn.ms.sum()) / 1000
    lacking = {band: _lacking(band, nn, found, covered) for band in BANDS}
    values = _values(found)
    measures = []
    for name, bands in _MADE_OF.items():
        why = next((lacking[band] for band in bands if lacking[band] is not None), None)
        measures.append(number(name, values[name]) if why is None else missing(name, why.reason))
    return measures


def _values(found: Spectrum) -> dict[str, float]:
    power = {band: found.power(*edges) for band, edges in BANDS.items()}
    both = power["lf"] + power["hf"]
    nan = float("nan")
    return {
        "total_power": sum(power.values()),
        **power,
        "lf_hf": power["lf"] / power["hf"] if power["hf"] else nan,
        "lf_nu": 100 * power["lf"] / both if both else nan,
        "hf_nu": 100 * power["hf"] / both if both else nan,
        "lf_peak": found.peak(*BANDS["lf"]),
        "hf_peak": found.peak(*BANDS["hf"]),
    }


def _lacking(band: str, nn: NN, found: Spectrum, covered: float) -> Measure | None:
    """Return why a band can't be told, None where it can."""
    if nn.count < LEAST:
        return too_few(band, LEAST, nn.count)
    if covered < LEAST_S[band]:
        return too_short(band, LEAST_S[band], covered)
    if not found.frequency.size:
        return missing(band, "no 5 minutes of which NN intervals cover 80 %")
    if found.method == "lomb-scargle" and covered < COVERED_SHARE * nn.span:
        return missing(
            band,
            f"NN intervals cover {100 * covered / nn.span:.0f} % of the time and "
            f"{100 * COVERED_SHARE:.0f} % are needed",
        )
    if found.method == "welch" and band == "ulf":
        return missing(band, f"Welch's segments of {SEGMENT_S:.0f} s don't reach below 0.003 Hz")
    return None
