"""Guide: each method in plain words, with an example of the app's own."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import numpy as np
import streamlit as st

from ecgcore.clusters.store import read_clusters, shipped_path
from ecgcore.clusters.stretch import cluster_stretch
from ecgcore.compare.reading import reading
from ecgcore.explain.registry import EXPLAINERS
from ecgcore.plots.clusters import segmentation_figure
from ecgcore.plots.difference import difference_figure
from ecgcore.plots.saliency import saliency_figure
from ecgcore.plots.trust import checks_figure, curves_figure
from ecgcore.ui import frame, guide_cache, model_cache
from ecgcore.ui.cluster_strips import cluster_legend
from ecgcore.ui.current import current_theme
from ecgcore.ui.explain_words import caveats
from ecgcore.ui.guide_text import TOPICS, method_text, topic_text
from ecgcore.ui.pages import go_to
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import plain

QUIET = {"displayModeBar": False}
CLUSTERED = "resunet-b2"
SYNTHETIC = "A beat made by a program, as a model here sees it. **Not for clinical use.**"


def pick_topic() -> str:
    topic = view().topic or next(iter(TOPICS))
    if topic not in TOPICS:
        st.warning(plain(f"The guide has no topic {topic!r}; choose one."), icon=":material/info:")
        topic = next(iter(TOPICS))
    st.session_state["guide_topic"] = topic
    st.segmented_control(
        "Topic",
        list(TOPICS),
        format_func=TOPICS.__getitem__,
        key="guide_topic",
        on_change=lambda: set_view(topic=st.session_state["guide_topic"]),
        required=True,
        label_visibility="collapsed",
    )
    return topic


def methods() -> None:
    wanted = view().method.partition(":")[0]  # "attention:2" is one head of it
    if wanted and wanted not in EXPLAINERS:
        st.warning(plain(f"There is no method {wanted!r}; choose one."), icon=":material/info:")
    method = wanted if wanted in EXPLAINERS else next(iter(EXPLAINERS))
    st.session_state["guide_method"] = method
    st.pills(
        "Method",
        list(EXPLAINERS),
        format_func=lambda name: EXPLAINERS[name].title,
        key="guide_method",
        on_change=lambda: set_view(method=st.session_state["guide_method"] or method),
        label_visibility="collapsed",
    )
    text, figure = columns()
    with text:
        st.markdown(method_text(method))
        if st.button("Try it on your beat", icon=":material/lightbulb:"):
            set_view(method=method)
            go_to("explain")
    with figure:
        draw_map(method)


def draw_map(method: str) -> None:
    name = guide_cache.example_checkpoint(method)
    if name is None:
        st.info("No checkpoint here has a network that this method can explain.")
        return
    panel = guide_cache.example_panel(name, model_cache.checkpoint(name).digest, method)
    entry = EXPLAINERS[method]
    st.plotly_chart(
        saliency_figure(panel, current_theme(), method=entry.title).update_layout(
            height=440, margin={"t": 48}
        ),
        theme=None,
        config=QUIET,
        key="guide_map",
        alt=f"{entry.title} of a demo beat",
    )
    st.caption(
        f"{plain(name)}, for {plain(panel.explanation.target)}. In short: {entry.see}; "
        f"{caveats(entry)}. {SYNTHETIC}"
    )


def rhythm() -> None:
    st.container(width=760).markdown(topic_text("rhythm"))
    if st.button("Try it on your beat", icon=":material/lightbulb:"):
        go_to("explain")


def clusters() -> None:
    text, figure = columns()
    with text:
        st.markdown(topic_text("clusters"))
        if st.button("See those of your beat", icon=":material/lightbulb:"):
            go_to("explain")
    there, _ = model_cache.metas()
    with figure:
        if CLUSTERED not in there:
            st.info(f"The example needs the checkpoint {CLUSTERED}.")
            return
        one = guide_cache.example(CLUSTERED)
        model = read_clusters(shipped_path(CLUSTERED), one.checkpoint.digest)
        if model is None:
            st.info("No clusters were fitted for the example yet.")
            return
        found = cluster_stretch(
            one.checkpoint.network, one.inputs, model, one.beat - 1, one.beat + 1
        )
        fs, at = one.record.fs, int(one.predictions.peaks.sample[one.beat])
        inside = np.clip(found.sample - one.record.start, 0, len(one.record.signal) - 1)
        labels, colours = cluster_legend(one.checkpoint, model)
        part = one.predictions
        st.plotly_chart(
            segmentation_figure(
                (found.sample - at) / fs,
                one.record.lead(part.lead)[inside],
                found,
                labels,
                colours,
                current_theme(),
                window=((part.start[one.beat] - at) / fs, (part.stop[one.beat] - at) / fs),
                axis=f"{part.lead} (mV)",
            ),
            theme=None,
            config=QUIET,
            key="guide_clusters",
            alt="Clusters in time over three demo beats, and their entropy",
        )
        st.caption(
            f"A ventricular beat between two ordinary ones; {CLUSTERED} sees only what differs "
            f"from the median beat, so its clusters have letters. {SYNTHETIC}"
        )


def trust() -> None:
    text, figure = columns()
    with text:
        st.markdown(topic_text("trust"))
        if st.button("Test a map of your beat", icon=":material/lightbulb:"):
            set_view(trust=True)
            go_to("explain")
    with figure:
        method = "gradcam"
        name = guide_cache.example_checkpoint(method)
        if name is None:
            st.info("There is no checkpoint to test a map of.")
            return
        report = guide_cache.example_trust(name, model_cache.checkpoint(name).digest, method)
        title, theme = EXPLAINERS[method].title, current_theme()
        titles = {key: entry.title for key, entry in EXPLAINERS.items()}
        for key, drawn, alt in (
            ("curves", curves_figure(report, theme, method=title), "Deletion and insertion"),
            ("checks", checks_figure(report, theme, titles=titles), "Randomised weights"),
        ):
            st.plotly_chart(drawn, theme=None, config=QUIET, key=f"guide_{key}", alt=alt)
        beaten, orders = report.beaten, len(report.random.deletion)
        st.caption(
            f"{title} of {plain(name)} on the demo beat beats {beaten} of {orders} random orders"
            + (": no proof that it says anything." if not report.better_than_random else ".")
            + f" {SYNTHETIC}"
        )


def errors() -> None:
    text, figure = columns()
    text.markdown(topic_text("errors"))
    with figure:
        name = guide_cache.example_checkpoint("gradcam")
        checkpoint = model_cache.checkpoint(name) if name else None
        found = guide_cache.example_difference(name, checkpoint.digest) if checkpoint else None
        if checkpoint is None or found is None:
            st.info("No checkpoint here makes an error on the demo recordings.")
            return
        st.markdown(f"**{plain(reading(found, rhythm=True))}**")
        st.plotly_chart(
            difference_figure(found, current_theme(), checkpoint.meta.classes),
            theme=None,
            config=QUIET,
            key="guide_difference",
            alt="A wrong beat over the usual beats of both classes",
        )
        st.caption(
            f"A beat of {plain(found.true.label)} that {plain(checkpoint.name)} took for "
            f"{plain(found.predicted.label)}. {SYNTHETIC}"
        )
        if st.button("Look for errors", icon=":material/compare:"):
            go_to("compare")


def columns() -> tuple[st.delta_generator.DeltaGenerator, st.delta_generator.DeltaGenerator]:
    left, right = st.container(key="stack_guide").columns([1, 1.15], gap="large")
    return left, right


frame.title("guide", strip=False)
match pick_topic():
    case "methods":
        methods()
    case "rhythm":
        rhythm()
    case "clusters":
        clusters()
    case "trust":
        trust()
    case "errors":
        errors()
    case _:
        st.markdown(topic_text("glossary"))
