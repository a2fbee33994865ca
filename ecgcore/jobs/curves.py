"""A job's epochs as learning curves, and what tells two jobs apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ecgcore.jobs.store import EpochNote

Points = tuple[tuple[int, float], ...]  # (epoch, value), by epoch
# Said elsewhere, or of no matter to what is trained.
_WORDS: Final = ("name", "title", "purpose", "limits", "choices")


@dataclass(frozen=True, kw_only=True)
class LearningCurves:
    """Loss by stage, F1 of the held-out patients by class: the mean over the folds so far."""

    name: str
    loss: dict[str, Points]
    f1: dict[str, Points]
    macro: Points


def learning_curves(name: str, notes: Sequence[EpochNote]) -> LearningCurves:
    """Return the curves of a job's epochs; what was not defined is left out."""
    loss: dict[str, list[tuple[int, float]]] = {}
    by_class: dict[str, dict[int, list[float]]] = {}
    macro: dict[int, list[float]] = {}
    for note in notes:
        if note.figures.get("loss") is not None:
            loss.setdefault(note.stage, []).append((note.epoch, note.figures["loss"]))
        for label, value in note.figures.get("f1", {}).items():
            if value is not None:
                by_class.setdefault(label, {}).setdefault(note.epoch, []).append(value)
        if note.figures.get("macro_f1") is not None:
            macro.setdefault(note.epoch, []).append(note.figures["macro_f1"])
    return LearningCurves(
        name=name,
        loss={stage: tuple(sorted(points)) for stage, points in loss.items()},
        f1={label: _means(values) for label, values in by_class.items()},
        macro=_means(macro),
    )


def seconds_left(notes: Sequence[EpochNote], done: int, of: int) -> float | None:
    """Return how long the epochs that are left will take, by the last ones; None before any."""
    last = [note.figures["seconds"] for note in notes[-5:] if "seconds" in note.figures]
    return (of - done) * sum(last) / len(last) if last else None


def differences(configs: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the settings in which several runs differ: setting -> run -> value."""
    flat = {run: dict(_flat(config)) for run, config in configs.items()}
    names = list(dict.fromkeys(name for values in flat.values() for name in values))
    found = {}
    for name in names:
        values = {run: one.get(name, "–") for run, one in flat.items()}
        if name.partition(".")[0] not in _WORDS and len(set(values.values())) > 1:
            found[name] = values
    return found


def _flat(config: Mapping[str, Any], place: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in config.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{place}{key}.")
        else:
            found.append((f"{place}{key}", _said(value)))
    return found


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_said(one) for one in value) or "none"
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_said(one)}" for key, one in value.items())
    return "none" if value is None or value == "" else str(value)


def _means(values: Mapping[int, list[float]]) -> Points:
    return tuple((epoch, sum(some) / len(some)) for epoch, some in sorted(values.items()))
