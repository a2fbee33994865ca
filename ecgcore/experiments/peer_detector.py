"""One peer's R-peaks, run by its own interpreter: ``python peer_detector.py PEER TRACES PEAKS``.

Stands alone on purpose: some peers need an environment of their own, which has NumPy, the peer and
nothing of ours. TRACES is an .npz of traces (n,), mV, and ``fs``; PEAKS is written likewise, with
the peer's version and the seconds it took.
"""

import sys
import time
from collections.abc import Callable
from typing import Any


def sleepecg() -> tuple[str, Callable[[Any, float], Any]]:
    """Return the version and the detector of sleepecg."""
    import sleepecg as peer

    find: Callable[[Any, float], Any] = vars(peer)["detect_heartbeats"]
    return peer.__version__, find


def xqrs() -> tuple[str, Callable[[Any, float], Any]]:
    """Return the version of wfdb and its XQRS."""
    import wfdb
    from wfdb.processing import xqrs_detect

    return wfdb.__version__, lambda x, fs: xqrs_detect(x, fs, verbose=False)


def neurokit() -> tuple[str, Callable[[Any, float], Any]]:
    """Return the version of NeuroKit2 and its Pan–Tompkins."""
    import neurokit2  # type: ignore[import-not-found]

    def find(x: Any, fs: float) -> Any:
        rate = int(fs)
        clean = neurokit2.ecg_clean(x, sampling_rate=rate, method="pantompkins1985")
        peaks = neurokit2.ecg_peaks(clean, sampling_rate=rate, method="pantompkins1985")
        return peaks[1]["ECG_R_Peaks"]

    return neurokit2.__version__, find


PEERS = {"sleepecg": sleepecg, "xqrs": xqrs, "neurokit": neurokit}


def main(peer: str, traces: str, peaks: str) -> None:
    """Find the R-peaks of every trace in the file."""
    import numpy as np

    version, find = PEERS[peer]()
    with np.load(traces, allow_pickle=False) as file:
        given = {name: file[name] for name in file.files}
    fs = float(given.pop("fs"))
    began = time.process_time()
    found = {}
    for name, trace in given.items():
        try:
            found[name] = np.asarray(find(trace.astype(np.float64), fs), dtype=np.int64)
        except (ValueError, IndexError):  # a peer that can't take a trace finds nothing in it
            found[name] = np.zeros(0, dtype=np.int64)
    seconds = time.process_time() - began
    arrays: dict[str, Any] = {f"at.{name}": at for name, at in found.items()}
    np.savez(peaks, version=version, seconds=seconds, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
