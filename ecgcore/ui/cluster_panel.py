"""Time-localized clusters on the Explain page: the beat, its surroundings, the recording."""

from typing import Final

import numpy as np
import streamlit as st

from ecgcore.background import BACKGROUND, Report
from ecgcore.clusters.contribution import contributions
from ecgcore.clusters.fit_set import fitting_set
from ecgcore.clusters.judged import judged_clusters
from ecgcore.clusters.model import (
    ClusterModel,
    Patterns,
    check_clusterable,
    columns,
    segment,
)
from ecgcore.clusters.store import fitted_clusters, stored_clusters
from ecgcore.clusters.stretch import cluster_stretch
from ecgcore.clusters.typical import typical_beats, uncertain_beats
from ecgcore.dsp.detectors import DETECTORS
from ecgcore.errors import EcgError
from ecgcore.features.inputs import BeatInputs
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.plots.clusters import (
    cluster_bars,
    count_figure,
    mean_waves_figure,
    segmentation_figure,
)
from ecgcore.records.database import Database
from ecgcore.schema import Predictions
from ecgcore.training.context import by_itself
from ecgcore.training.store import ANNOTATED
from ecgcore.ui import cache, cluster_cache, model_cache
from ecgcore.ui.background import result_of
from ecgcore.ui.cluster_strips import cluster_legend
from ecgcore.ui.cluster_words import cluster_words, fidelity_words, kinds_words
from ecgcore.ui.current import current_theme
from ecgcore.ui.state import set_view
from ecgcore.ui.text import clock, plain

_QUIET: Final = {"displayModeBar": False}
_CONTEXT: Final = 3  # beats on either side
_CHOSEN: Final = "chosen"
_ROUNDED: Final = 2  # samples by which windows of one length may differ


def cluster_panel(
    checkpoint: Checkpoint, predictions: Predictions, beat: int, database: Database, target: str
) -> None:
    """Draw the panel when it is asked for; ``target`` is the class that is explained."""
    if not st.toggle(
        "Clusters in time",
        key="clusters_shown",
        help="Into what the network itself divides the beat in time, by its last blocks' "
        "activations.",
    ):
        return
    try:
        check_clusterable(checkpoint.meta.input)
    except EcgError as error:
        st.info(plain(str(error)), icon=":material/info:")
        return
    count = _count_picker()
    base, records = fitting_set(checkpoint.meta, cache.catalog(), database)
    model = stored_clusters(checkpoint, base, records, count)
    if model is None:
        _offer_fit(checkpoint, base, records, count)
        return
    if base.name != checkpoint.meta.home:
        st.warning(
            f"The recordings that trained this checkpoint are not here: its clusters were fitted "
            f"on {plain(base.name)}.",
            icon=":material/info:",
        )
    judged = judged_clusters(
        checkpoint.name, checkpoint.digest, model.count, model.about.get("kind", "")
    )
    if judged is not None:
        st.caption(fidelity_words(judged))
    _draw(checkpoint, predictions, beat, target, model)


def _count_picker() -> int | None:
    picked = st.segmented_control(
        "Number of clusters",
        [_CHOSEN, *map(str, range(4, 13))],
        default=_CHOSEN,
        key="clusters_count",
        help="Chosen on recordings held out of the fit: by how well the clusters' proportions tell "
        "the network's class and, where it sees the beat itself, how well they tell waves apart.",
    )
    return None if picked in (None, _CHOSEN) else int(picked)


def _offer_fit(
    checkpoint: Checkpoint, base: Database, records: tuple[str, ...], count: int | None
) -> None:
    key = ("clusters", checkpoint.name, checkpoint.digest, base.name, records, count)

    def fit(report: Report) -> None:
        def told(done: int, of: int, what: str) -> None:
            report(done / max(1, of), what or "reading")

        fitted_clusters(checkpoint, base, records, count, told)

    result_of(key, fit, what="Fitting", name="clusters", start=False)
    state = BACKGROUND.state(key)
    if state is not None and state.phase != "done":  # under way, or its end is told
        return
    st.info(
        f"No clusters were fitted for this checkpoint yet. Fitting takes about a minute, once: on "
        f"{len(records)} recordings of {plain(base.name)}, without their labels.",
        icon=":material/info:",
    )
    st.button(
        "Fit the clusters",
        icon=":material/scatter_plot:",
        on_click=lambda: BACKGROUND.start(key, fit, again=True),
    )


def _draw(
    checkpoint: Checkpoint, predictions: Predictions, beat: int, target: str, model: ClusterModel
) -> None:
    theme, header = current_theme(), predictions.header
    source = predictions.peaks.source if predictions.peaks.source in DETECTORS else ANNOTATED
    names = (
        cache.record_key(header), checkpoint.name, checkpoint.digest, source, predictions.lead,
    )  # fmt: skip
    inputs = model_cache.inputs(*names)
    record = cache.record(names[0])
    labels, colours = cluster_legend(checkpoint, model)
    network = checkpoint.network
    first, last = max(0, beat - _CONTEXT), min(len(inputs) - 1, beat + _CONTEXT)
    found = cluster_stretch(network, inputs, model, first, last)
    inside = (found.sample >= record.start) & (found.sample < record.stop)
    at, fs = int(predictions.peaks.sample[beat]), record.fs
    trace = np.full(found.sample.size, np.nan, np.float32)
    if inside.any():
        place = found.sample[inside] - record.start
        near = record.lead(predictions.lead)[int(place.min()) : int(place.max()) + 1]
        trace[inside] = near[place - place.min()]
    unit = header.units[header.leads.index(predictions.lead)]
    axis = f"{predictions.lead} ({unit})"
    st.plotly_chart(
        segmentation_figure(
            (found.sample - at) / fs, trace, found, labels, colours, theme,
            window=((predictions.start[beat] - at) / fs, (predictions.stop[beat] - at) / fs),
            axis=axis,
        ),
        theme=None, config=_QUIET, key="cluster_segments",
        alt=f"Clusters around beat {beat} and how unsure they are",
    )  # fmt: skip
    whole = cluster_cache.recording_patterns(*names, _name_of(model), model)
    one = slice(beat, beat + 1)
    x = inputs.take(one)
    soft = segment(network, x, model)
    split = contributions(
        network, x, inputs.rr[one], checkpoint.meta.classes.index(target), soft, model.ordinary
    )
    left, right = st.container(key="stack_clusters").columns([2.2, 1])
    left.plotly_chart(
        cluster_bars(
            soft[0].mean(axis=0), whole.shares[predictions.usable].mean(axis=0),
            split.clusters[0], labels, colours, theme, target=target,
        ),
        theme=None, config=_QUIET, key="cluster_bars",
        alt=f"Each cluster's share and contribution to {target}",
    )  # fmt: skip
    with right:
        _beats_to_see(whole, predictions)
    st.caption(
        cluster_words(checkpoint, model, split.score[0], split.ordinary_score[0], target, labels)
    )
    st.plotly_chart(
        mean_waves_figure(
            _seconds(inputs), whole.mean_waves, whole.mass, labels, colours, theme, axis=axis
        ),
        theme=None, config=_QUIET, key="cluster_waves",
        alt="The recording's mean beat where each cluster is",
    )  # fmt: skip
    st.caption(
        "The recording's mean beat where each cluster is, the thinner and fainter the rarer (not "
        "drawn where fewer than one beat in twenty has it); grey: the mean of all beats."
        + " Windows differ in length here: times are those of the median one."
        * bool(np.ptp(inputs.beats.stop - inputs.beats.start) > _ROUNDED)
    )
    _curve(model)


def _name_of(model: ClusterModel) -> str:
    """Return what tells two fits apart in a cache key."""
    return f"{model.count}-{model.mixture.mean.tobytes().__hash__()}"


def _seconds(inputs: BeatInputs) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the columns' median time from R, s (one and the same where windows are fixed)."""
    beats = inputs.beats
    span = float(np.median(beats.stop - beats.start)) / beats.peaks.fs
    low = float(np.median(beats.start - beats.peaks.sample)) / beats.peaks.fs
    return low + span * columns(inputs) / (inputs.spec.points - 1)


def _beats_to_see(whole: Patterns, predictions: Predictions) -> None:
    label, usable = by_itself(predictions).label, predictions.usable
    st.markdown("**Most typical** beat of each class that the network says")
    with st.container(horizontal=True, gap="small"):
        for name, index in sorted(typical_beats(whole, label, usable).items())[:6]:
            _go_button(f"{name} · {index:,}", index, predictions)
    st.markdown("**Most uncertain** beats (mean entropy)")
    with st.container(horizontal=True, gap="small"):
        for index in uncertain_beats(whole, usable).tolist():
            _go_button(f"{index:,} · {whole.entropy[index]:.2f}", index, predictions)


def _go_button(text: str, beat: int, predictions: Predictions) -> None:
    st.button(
        plain(text),
        key=f"cluster_beat_{text}",
        help=f"at {clock(predictions.peaks.sample[beat] / predictions.peaks.fs)}",
        on_click=lambda: set_view(beat=beat),
    )


def _curve(model: ClusterModel) -> None:
    curve = model.about.get("curve") or []
    if not curve:
        return
    names = [one.get("names") for one in curve]
    with st.expander("How the number was chosen"):
        st.plotly_chart(
            count_figure(
                np.array([one["count"] for one in curve]),
                np.array([one["fidelity"] for one in curve]),
                model.count,
                current_theme(),
                names=None if None in names else np.array(names),
            ),
            theme=None, config=_QUIET, key="cluster_curve", alt="The criterion over K",
        )  # fmt: skip
        st.caption(
            "How well a forest that sees only the clusters' proportions says the network's class, "
            "on recordings that it was not fitted on (macro F1, three folds)"
            + (
                ", and how well the clusters' names agree with the waves by position (mean F1 of "
                "P, QRS and T). The number with the best mean of the two is taken."
                if None not in names
                else ". The fewest clusters within one standard error of the best are taken."
            )
            + kinds_words(model.about.get("kinds") or [])
        )
