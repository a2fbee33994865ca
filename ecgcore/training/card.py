"""A checkpoint's card: what it is for, what it was trained on, its figures, and where it fails."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ecgcore.features.channels import CHANNEL_WORDS
from ecgcore.features.rr import RR_FEATURES
from ecgcore.models.meta import CheckpointMeta
from ecgcore.models.registry import network_entry
from ecgcore.schema import IntArray
from ecgcore.training.config import TrainConfig
from ecgcore.training.metrics import FOUR

_WORST = 8


def write_card(config: TrainConfig, meta: CheckpointMeta) -> str:
    """Return the card as Markdown, from what was measured (``meta.metrics``)."""
    parts = [
        f"# {config.title}",
        "**Not for clinical use.** A research model for looking at how ECG networks decide.",
        "## What it is for",
        config.purpose.strip(),
        "## What it is",
        _what(meta),
        "## Trained on",
        _trained(meta),
        config.choices.strip(),
        "## Figures",
        _figures(meta),
        "## Where it fails",
        config.limits.strip(),
        _worst(meta),
        "## Made by",
        f"```\n{meta.training.get('command') or 'not recorded'}\n```",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def input_words(meta: CheckpointMeta) -> str:
    """Return in words what the network sees of a beat."""
    spec = meta.input
    shown = ", ".join(CHANNEL_WORDS[name] for name in spec.channels)
    window = (
        f"from {spec.window.before:g} s before R to {spec.window.after:g} s after"
        if spec.window.kind == "fixed"
        else f"by the {spec.window.kind} window"
    )
    seen = {
        "waveform": f"as {spec.points} points",
        "spectrogram": "as a spectrogram",
        "image": "drawn as a picture",
    }[spec.kind]
    features = "; ".join(RR_FEATURES[name].label for name in spec.rr)
    rr = f", with the RR features {features}" if features else ""
    return f"{shown}, cut {window}, {seen}{rr}"


CONTEXT_WORDS: Final = (
    "Its predictions are in context: what it says of a beat is moved towards what it says of the "
    "beats most like it in the recording; where hardly a beat is of class V, none is of F, and in "
    "atrial fibrillation, told by the intervals, none is of S. No labels are used. Maps explain "
    "what it says of the beat by itself."
)


def kept_words(meta: CheckpointMeta) -> str:
    """Return in words which of several trained seeds this checkpoint is."""
    if meta.training.get("folds"):
        return "the median seed by held-out training patients"
    return "the median seed by the test's macro F1 (nothing was chosen by it)"


def _what(meta: CheckpointMeta) -> str:
    entry = network_entry(meta.architecture)
    return (
        f"{entry.title} (after: {entry.source}). It sees {input_words(meta)}. Lead: "
        f"{meta.lead or 'MLII, else the first'}; recordings of {meta.fs:g} Hz. "
        f"Classes: {', '.join(meta.classes)}." + (f" {CONTEXT_WORDS}" if meta.context else "")
    )


def _trained(meta: CheckpointMeta) -> str:
    training = meta.training
    beats = ", ".join(f"{name} {count}" for name, count in training["beats"].items())
    lines = [
        f"- Protocol: {meta.protocol.name}; trained on {meta.protocol.train}, tested on "
        f"{meta.protocol.test}, {meta.protocol.peaks} R-peaks.",
        *(f"- {flag}" for flag in meta.protocol.flags),
        f"- Training beats: {beats}. Data hash {meta.data_hash}, seed {meta.seed}.",
    ]
    if not training["folds"]:
        lines.append(f"- {training['epochs']} epochs, set beforehand.")
    elif training.get("optimisation", {}).get("epoch_rule") == "last":
        lines.append(
            f"- {training['epochs']} epochs, set beforehand; {_held_out(training)} had the macro "
            f"F1 {training['held_out_f1'][-1]:.3f}. Fitted to all of them. The test set was scored "
            "after the training."
        )
    else:
        lines.append(
            f"- {training['epochs']} of {training['of_epochs']} epochs, chosen by "
            f"{_chosen_by(training)}; then fitted to all of them. The test set was "
            "scored after the training."
        )
    if bias := training.get("class_bias"):
        added = ", ".join(f"{name} {value:+g}" for name, value in bias.items() if value)
        lines.append(
            f"- Added to the classes' logits, as {_held_out(training)} chose: {added or 'nothing'}."
        )
    return "\n".join(lines)


def _chosen_by(training: Mapping[str, Any]) -> str:
    """Return in words what the number of epochs was chosen by."""
    held_out = _held_out(training)
    mean = training.get("mean_curve_f1")
    if mean:
        return (
            f"the macro F1 of {held_out}, the mean over folds and seeds ({max(mean):.3f}), one "
            "number for all seeds"
        )
    return f"the macro F1 ({max(training['held_out_f1']):.3f}) of {held_out}"


def _held_out(training: Mapping[str, Any]) -> str:
    return f"training patients held out in {len(training['folds'])} folds"


def _figures(meta: CheckpointMeta) -> str:
    metrics = meta.metrics
    per_class = metrics["per_class"]
    few = len(per_class) <= 6
    where = f"On {meta.protocol.test}, {metrics['n_beats']} beats, seed {meta.seed}"
    lines = [f"{where}{', in context' * meta.context}: {_totals(metrics)}."]
    if few:
        head = ("class", "beats", "Se", "+P", "F1", "AUROC", "AUPRC")
        figures = ("se", "ppv", "f1", "auroc", "auprc")
        rows = [
            (name, str(m["beats"]), *(_percent(m[key]) for key in figures))
            for name, m in per_class.items()
        ]
        lines.append(_table(head, rows))
    if alone := metrics.get("alone"):
        lines.append(f"Of the same beats, each by itself: {_totals(alone)}; {_f1s(alone)}.")
    lines += _people(meta)
    lines += _seeds(meta)
    for protocol, other in metrics.get("also", {}).items():
        lines.append(
            f"Trained anew by the protocol {protocol} with the same settings: accuracy "
            f"{_percent(other['accuracy'])}, macro F1 {_percent(other['macro']['f1'])}."
        )
    return "\n\n".join(lines)


def _totals(metrics: Mapping[str, Any]) -> str:
    """Return the figures over all classes in words."""
    macro = metrics["macro"]
    four = macro.get("f1_4")
    f1 = (
        f"macro F1 {_percent(four)} over N S V F, {_percent(macro['f1_5'])} with Q"
        if _known(four)
        else f"macro F1 {_percent(macro['f1'])}"
    )
    return (
        f"{f1}; accuracy {_percent(metrics['accuracy'])}, mean one-vs-rest accuracy "
        f"{_percent(metrics['mean_ovr_accuracy'])}; expected calibration error "
        f"{_percent(metrics['ece'])}"
    )


def _f1s(metrics: Mapping[str, Any]) -> str:
    """Return the F1 of each class that has beats in words."""
    there = [(name, one["f1"]) for name, one in metrics["per_class"].items() if one["beats"]]
    return "F1 of " + ", ".join(f"{name} {_percent(f1)}" for name, f1 in there)


def _people(meta: CheckpointMeta) -> list[str]:
    """Return how well people are recognised, and each person's votes where not all are right."""
    who = meta.metrics.get("identification")
    if not who:
        return []
    kinds = [
        f"by {name[:-1]} ({who[name]['n']}) rank 1 {_percent(who[name]['rank_1'])}, rank 5 "
        f"{_percent(who[name]['rank_5'])}, equal error rate {_percent(who[name]['eer'])}"
        for name in ("beats", "recordings")
    ]
    people: Mapping[str, Mapping[str, Any]] = meta.metrics["people"]
    lines = [
        f"Recognition {'; '.join(kinds)}. By the votes of their beats {who['people']['right']} of "
        f"{who['people']['n']} people are named rightly. Verification is among the people known: "
        "of strangers it says nothing."
    ]
    rows = [
        (name, str(vote["beats"]), _percent(vote["right"]), vote["voted"])
        for name, vote in people.items()
    ]
    if any(name != vote["voted"] for name, vote in people.items()):
        lines.append(_table(("person", "beats", "right", "named by most"), rows))
    return lines


def _seeds(meta: CheckpointMeta) -> list[str]:
    """Return the table of several seeds; the classes' own columns where it tells beats apart."""
    seeds = meta.metrics.get("seeds", [])
    if len(seeds) < 2:
        return []
    classes = [name for name in "SVF" if all(name in one["per_class"] for one in seeds)]
    four = all(_known(one["macro"].get("f1_4")) for one in seeds)
    scores = [one["macro"]["f1_4" if four else "f1"] for one in seeds]
    rows = [
        (
            f"{one['seed']}{' (this one)' if one['seed'] == meta.seed else ''}",
            str(one["epochs"]),
            _percent(one["held_out_f1"]),
            _percent(score),
            *(_percent(one["per_class"][name]["f1"]) for name in classes),
        )
        for one, score in zip(seeds, scores, strict=True)
    ]
    mean, spread = float(np.mean(scores)), float(np.std(scores, ddof=1))
    head = ("seed", "epochs", "held-out F1", "macro F1", *(f"{name} F1" for name in classes))
    return [
        ("Each beat by itself, over" if meta.context else "Over")
        + f" {len(seeds)} seeds the macro F1{' over N S V F' * four} is {_percent(mean)} ± "
        f"{_percent(spread)} (mean ± standard deviation); {kept_words(meta)} was kept:",
        _table(head, rows),
    ]


def _worst(meta: CheckpointMeta) -> str:
    """Return the records with the most wrong beats, which, and the figure without each."""
    if meta.task == "identity":
        return ""
    names = list(meta.metrics["per_class"])
    whole = np.array(meta.metrics["confusion"])
    rows = []
    for record, metrics in meta.metrics["records"].items():
        confusion = np.array(metrics["confusion"])
        wrong = confusion - np.diag(confusion.diagonal())
        most = np.argsort(-wrong, axis=None, kind="stable")[:3]
        pairs = [divmod(int(at), len(names)) for at in most if wrong.flat[at]]
        said = "; ".join(f"{wrong[i, j]} {names[i]} as {names[j]}" for i, j in pairs)
        without = _percent(_macro_f1(whole - confusion, [names.index(name) for name in FOUR]))
        rows.append((int(wrong.sum()), (record, metrics["n_beats"], wrong.sum(), said, without)))
    worst = [row for _, row in sorted(rows, key=lambda row: -row[0])[:_WORST]]
    return (
        "The records with the most wrong beats, and the macro F1 over N S V F of all the others "
        "together:\n\n"
        + _table(("record", "beats", "wrong", "mostly", "macro F1 without it"), worst)
    )


def _macro_f1(confusion: IntArray, columns: Sequence[int]) -> float:
    there = (confusion.sum(axis=0) + confusion.sum(axis=1))[columns]
    return float(np.mean(2 * confusion.diagonal()[columns] / np.maximum(there, 1)))


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _percent(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{100 * value:.2f} %"
