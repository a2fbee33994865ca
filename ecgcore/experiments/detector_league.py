"""The league table of R-peak detectors: ``detectors league`` into results/detectors.json.

Every detector sees the same traces: the first lead of mitdb's 48 recordings, and recordings with
synthetic electrode motion added by the noise stress test's protocol (``dsp.stress``): 118 and 119,
which the published test uses, and the first six of the test half; to these also noise by other
rules than ours was trained in (``dsp.stress_kinds``). Everything is scored as ``score-detector``
scores. Peers run by an interpreter of their own, see ``peer_detector``.
"""

import json
import platform
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecgcore.dsp.detectors import DETECTORS, detect
from ecgcore.dsp.scoring import LEARNING_PERIOD_S, average, gross, score_detection
from ecgcore.dsp.stress import motion_noise, stressed
from ecgcore.dsp.stress_kinds import NOISES
from ecgcore.experiments import peer_detector
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.catalog import database
from ecgcore.records.reader import read_record
from ecgcore.records.splits import SPLITS
from ecgcore.schema import IntArray, Peaks, Record
from ecgcore.settings import settings
from ecgcore.whole_file import write_whole

DATABASE: Final = "mitdb"
FILE: Final = "detectors.json"
BENCHMARKS: Final = "benchmarks/results.json"
TIMES_SLOWER: Final = "beatlens_times_slower_than_sleepecg"
DECIBELS: Final = (24, 18, 12, 6, 0, -6)
OTHER_DECIBELS: Final = (6, 3, 0)
STRESSED: Final = {"118, 119": ("118", "119"), "unseen": SPLITS["detector-test"][:6]}
NOISE_SEED: Final = 2026
GROUPS: Final = {
    "whole": (*SPLITS["detector-tuning"], *SPLITS["detector-test"]),
    "tuning": SPLITS["detector-tuning"],
    "test": SPLITS["detector-test"],
}
PEER_TITLES: Final = {
    "sleepecg": "sleepecg",
    "xqrs": "wfdb XQRS",
    "neurokit": "NeuroKit2 Pan–Tompkins",
}
PROTOCOL: Final = {
    "scoring": "EC57: 150 ms, one to one; ventricular flutter left out; the recording's first lead",
    "tuning": "all that BeatLens learned or set comes from these 24 recordings",
    "test": "24 recordings that it was not trained on",
    "other noise": "of single kinds (ecgcore/dsp/stress_kinds.py), by rules that BeatLens did not "
    "learn from, added to the same six recordings of the test half in the same way",
    "noise": "synthetic electrode motion (ecgcore/dsp/stress.py), not the published recording of "
    "it; five clean minutes, then two noisy and two clean ones in turn; 118 and 119 are of the "
    "tuning half, the other six of the test half",
}

Found = dict[str, Peaks]


def run_league(
    python: Mapping[str, Path], said: Callable[[str], None], only: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Measure our detectors and the peers that ``python`` names an interpreter for.

    What else stands in the file stays; it is written after each. ``only`` limits the run to some
    names.
    """
    source = database(DATABASE)
    records = {name: read_record(source, name) for name in GROUPS["whole"]}
    noisy = {
        f"{name}@{decibels}": _noisy(records[name], decibels)
        for names in STRESSED.values()
        for name in names
        for decibels in DECIBELS
    } | {
        f"{name}@{kind}@{decibels}": _noisy(records[name], decibels, kind)
        for kind in NOISES
        for name in STRESSED["unseen"]
        for decibels in OTHER_DECIBELS
    }
    document = read_league() or {}
    entries = dict(document.get("detectors", {}))
    for name in (*DETECTORS, *python):
        if only and name not in only:
            continue
        said(name)
        if name in DETECTORS:
            every = {
                key: detect(record, name, record.header.leads[0])
                for key, record in {**records, **noisy}.items()
            }
            version, title = "ours", DETECTORS[name].title
        else:
            version, every = _by_peer(name, python[name], {**records, **noisy})
            title = PEER_TITLES[name]
        entries[name] = {
            "title": title,
            "version": version,
            **_mitdb(records, every),
            "noise": {
                group: _stressed_scores(noisy, every, names, DECIBELS)
                for group, names in STRESSED.items()
            },
            "other_noise": {
                kind: _stressed_scores(noisy, every, STRESSED["unseen"], OTHER_DECIBELS, f"{kind}@")
                for kind in NOISES
            },
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        document = {
            "protocol": PROTOCOL,
            "groups": {name: list(group) for name, group in GROUPS.items()},
            "stressed": {name: list(group) for name, group in STRESSED.items()},
            "noise_seed": NOISE_SEED,
            "python": platform.python_version(),
            "detectors": entries,
        }
        text = json.dumps(document, indent=1, sort_keys=True) + "\n"
        write_whole(settings().results_dir / FILE, text.encode())
    return document


def read_league() -> dict[str, Any] | None:
    """Return the league table as it was last made; None where there is none."""
    path = settings().results_dir / FILE
    if not path.is_file():
        return None
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def read_speed() -> dict[str, float] | None:
    """Return how many times sleepecg's time BeatLens takes on 24 h: clean and noisy.

    From the benchmark beside the results, which alone holds figures of speed; None without it.
    """
    try:
        found = json.loads((settings().results_dir.parent / BENCHMARKS).read_text())
        figures = found["peaks"]["figures"]
        return {day: float(figures[day][TIMES_SLOWER]) for day in ("clean", "noisy")}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _noisy(record: Record, decibels: float, kind: str = "") -> Record:
    """Return the recording with noise in its first two leads, each its own.

    ``kind``: one of NOISES, else electrode motion.
    """
    beats = annotated_peaks(record).sample
    signal = record.signal.copy()
    for lead in range(signal.shape[1]):
        seed = np.random.default_rng([NOISE_SEED, int(record.header.name), lead])
        make = NOISES[kind] if kind else motion_noise
        noise = make(signal.shape[0], record.fs, seed)
        signal[:, lead] = stressed(signal[:, lead], beats, noise, record.fs, decibels)
    return Record(header=record.header, signal=signal, annotations=record.annotations)


def _by_peer(
    name: str, python: Path, records: Mapping[str, Record]
) -> tuple[str, dict[str, Peaks]]:
    """Return the peer's version and what it finds in each record's first lead."""
    with tempfile.TemporaryDirectory() as folder:
        traces, peaks = Path(folder) / "traces.npz", Path(folder) / "peaks.npz"
        fs = next(iter(records.values())).fs
        given = {key: record.signal[:, 0] for key, record in records.items()}
        np.savez(traces, fs=fs, **given)  # type: ignore[arg-type]  # its stub takes one array type
        command = [str(python), peer_detector.__file__, name, str(traces), str(peaks)]
        subprocess.run(command, check=True)
        with np.load(peaks, allow_pickle=False) as file:
            found: dict[str, IntArray] = {key: np.unique(file[f"at.{key}"]) for key in records}
            version = str(file["version"])
    return version, {key: Peaks(sample=sample, source=name, fs=fs) for key, sample in found.items()}


def _mitdb(records: Mapping[str, Record], found: Found) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for key, skip in (("from_start", 0.0), ("after_five_minutes", LEARNING_PERIOD_S)):
        scores = {
            name: score_detection(record, found[name], skip=skip)
            for name, record in records.items()
        }
        entry[key] = {}
        for group, names in GROUPS.items():
            together, mean = gross(scores[n] for n in names), average(scores[n] for n in names)
            entry[key][group] = {
                "gross": _shares(together),
                "average": {"se": mean.se, "ppv": mean.ppv, "f1": mean.f1},
            }
        if not skip:
            entry["records"] = {name: _shares(score) for name, score in scores.items()}
    return entry


def _stressed_scores(
    noisy: Mapping[str, Record],
    found: Found,
    names: tuple[str, ...],
    levels: tuple[int, ...],
    kind: str = "",
) -> dict[str, Any]:
    """Return the scores of some recordings by decibels; ``kind``: what stands in their keys."""
    keys = {decibels: [f"{name}@{kind}{decibels}" for name in names] for decibels in levels}
    scores = {
        decibels: [score_detection(noisy[key], found[key]) for key in some]
        for decibels, some in keys.items()
    }
    return {
        "gross": _shares(gross(one for some in scores.values() for one in some)),
        "by_decibels": {str(key): _shares(gross(some)) for key, some in scores.items()},
    }


def _shares(score: Any) -> dict[str, Any]:
    counts = {"tp": score.tp, "fn": score.fn, "fp": score.fp}
    return {"se": score.se, "ppv": score.ppv, "f1": score.f1, **counts}
