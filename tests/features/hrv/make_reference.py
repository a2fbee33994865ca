"""Write ``reference.json``: NeuroKit2's figures of the beats of ``series``.

NeuroKit2 pins an older pandas, so it gets an environment of its own, and the figures are kept:

    python -m venv /tmp/neurokit && /tmp/neurokit/bin/pip install neurokit2==0.2.13 astropy
    /tmp/neurokit/bin/python tests/features/hrv/make_reference.py

Which settings differ from NeuroKit2's defaults, and why: bands and boxes are those of the Task
Force and of Peng et al. (DFA 4 to 16 and 16 to 64 beats, boxes side by side).
"""

import json
import sys
import warnings
from pathlib import Path

import neurokit2 as nk
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from series import SERIES

# NeuroKit2 fits a mean at each frequency, which takes out waves as slow as the recording is long.
PART_OF_ULF = (0.0003, 0.003)  # Hz: what is left of ULF without those
BANDS = {"ulf": (0, 0.003), "vlf": (0.003, 0.04), "lf": (0.04, 0.15), "hf": (0.15, 0.4)}
MOST_FOR_ENTROPY = 10_000


def figures(name: str) -> dict[str, float]:
    """Return NeuroKit2's figures of one series, by NeuroKit2's names."""
    peaks, fs = SERIES[name]()
    rri = np.diff(peaks) / fs * 1000
    found = _plain(nk.hrv_time(peaks, sampling_rate=fs))
    for method in ("welch", "lomb"):
        of = nk.hrv_frequency(
            peaks,
            sampling_rate=fs,
            psd_method=method,
            normalize=False,
            interpolation_rate=4 if method == "welch" else None,  # None: the intervals as they are
            **BANDS,
        )
        found |= {f"{method}_{key}": value for key, value in _plain(of).items()}
    of = nk.hrv_frequency(
        peaks,
        sampling_rate=fs,
        psd_method="lomb",
        normalize=False,
        interpolation_rate=None,
        **{**BANDS, "ulf": PART_OF_ULF},
    )
    found["lomb_part_of_ULF"] = _plain(of)["HRV_ULF"]
    first, second = rri[:-1], rri[1:]
    found["HRV_SD1"] = np.std((second - first) / np.sqrt(2), ddof=1)
    found["HRV_SD2"] = np.std((second + first) / np.sqrt(2), ddof=1)
    for alpha, (low, high) in (("DFA_alpha1", (4, 16)), ("DFA_alpha2", (16, 64))):
        scale = np.arange(low, high + 1)
        found[alpha] = nk.fractal_dfa(rri, scale=scale, overlap=False)[0]
    if rri.size <= MOST_FOR_ENTROPY:
        tolerance = 0.2 * np.std(rri, ddof=1)
        found |= {
            "SampEn": nk.entropy_sample(rri, delay=1, dimension=2, tolerance=tolerance)[0],
            "ApEn": nk.entropy_approximate(rri, delay=1, dimension=2, tolerance=tolerance)[0],
            **{
                key: value
                for key, value in _plain(nk.hrv_nonlinear(peaks, sampling_rate=fs)).items()
                if key in ("HRV_SD1", "HRV_SD2", "HRV_SD1SD2", "HRV_S")
            },
        }
    return {key: float(value) for key, value in sorted(found.items()) if np.isfinite(value)}


def _plain(table) -> dict[str, float]:
    return {key: float(table[key].iloc[0]) for key in table}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    document = {
        "made by": f"NeuroKit2 {nk.__version__}",
        "series": {name: figures(name) for name in SERIES},
    }
    (HERE / "reference.json").write_text(json.dumps(document, indent=1) + "\n")
