"""Clusters in time on the Explain page, without a browser: fitted on demand, then drawn."""

import json
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from ecgcore.background import BACKGROUND
from ecgcore.clusters.judged import Judged
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.ui import cluster_panel
from ecgcore.ui.cluster_words import fidelity_words, kinds_words
from ecgcore.ui.measured import cluster_labels
from tests.make_record import save_tiny_checkpoints
from tests.ui.seen import figure, finished, text

CHARTS = ("cluster_segments", "cluster_bars", "cluster_waves")


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    save_tiny_checkpoints(tmp_path / "checkpoints")


def _shown(open_page, **url):
    app = finished(open_page("explain", beat="5", **url))
    app.toggle(key="clusters_shown").set_value(True).run()
    return app


def _fitted(app):
    """Ask for the fit, wait for its thread and look again."""
    app.button_group(key="clusters_count").set_value("4").run()
    next(b for b in app.button if b.label == "Fit the clusters").click().run()
    for key in list(BACKGROUND._states):
        if isinstance(key, tuple) and key[0] == "clusters":
            assert BACKGROUND.wait(key, 120).phase == "done"
    return app.run()


def _charts(app):
    return [c for c in CHARTS if any(f"-{c}" in p.proto.id for p in app.get("plotly_chart"))]


def test_nothing_is_drawn_or_fitted_until_it_is_asked_for(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="5"))
    assert _charts(app) == []
    app.toggle(key="clusters_shown").set_value(True).run()
    assert _charts(app) == []
    assert "No clusters were fitted for this checkpoint yet" in text(app)


def test_clusters_are_fitted_and_drawn_and_lead_to_beats(open_page):
    app = _fitted(_shown(open_page, ckpt="tiny"))
    assert _charts(app) == list(CHARTS)
    assert "Contributions sum to" in text(app)
    # this network sees what differs from the median beat: kinds of departure, not waves
    names = json.dumps(figure(app, "cluster_bars"))
    assert all(f'"{letter}"' in names for letter in "ABCD")
    assert "The recordings that trained this checkpoint are not here" in text(app)
    typical = next(b for b in app.button if b.key and b.key.startswith("cluster_beat_"))
    beat = int(typical.key.split("·")[-1].strip().replace(",", ""))
    typical.click().run()
    assert app.query_params["beat"] == str(beat)
    again = _shown(open_page, ckpt="tiny")  # what was fitted is there for everyone
    again.button_group(key="clusters_count").set_value("4").run()
    assert _charts(again) == list(CHARTS)


def test_a_fit_can_be_cancelled_and_started_again(open_page, monkeypatch):
    gate, began, after = threading.Event(), threading.Event(), []

    def slow(checkpoint, base, records, count, told):
        told(0, 2, "the first")
        began.set()
        gate.wait(60)
        told(1, 2, "the second")
        after.append("it went on")

    monkeypatch.setattr(cluster_panel, "fitted_clusters", slow)
    app = _shown(open_page, ckpt="tiny", rec="demo04")
    app.button_group(key="clusters_count").set_value("5").run()
    next(b for b in app.button if b.label == "Fit the clusters").click().run()
    assert began.wait(60)
    app.run()
    app.button(key="cancel_clusters").click().run()
    gate.set()
    assert "Fitting was cancelled" in text(app)
    of_fits = [key for key in BACKGROUND._states if isinstance(key, tuple)]
    (key,) = [key for key in of_fits if (key[0], key[-1]) == ("clusters", 5)]
    assert BACKGROUND.wait(key, 60).phase == "cancelled"
    assert after == []
    monkeypatch.setattr(cluster_panel, "fitted_clusters", lambda *_: after.append("again"))
    app.button(key="again_clusters").click().run()
    assert BACKGROUND.wait(key, 60).phase == "done"
    assert after == ["again"]


def test_a_network_of_spectrograms_has_clusters_over_its_columns(open_page):
    app = _fitted(_shown(open_page, ckpt="who", rec="demo02"))
    assert _charts(app) == list(CHARTS)


def test_how_the_kinds_did_is_told_where_they_were_compared():
    one = {"kind": "gaussians", "count": 7, "fidelity": 0.68, "agreement": 0.85, "names": 0.78}
    two = {**one, "kind": "soft k-means", "fidelity": 0.87, "names": None}
    told = kinds_words([one, two])
    assert "gaussians 0.68 (names 0.78), soft k-means 0.87." in told
    assert kinds_words([]) == ""


def test_how_faithful_the_clusters_are_is_told_beside_saying_the_commonest_class():
    judged = Judged(
        database="mitdb", records=22, unseen=True, agreement=0.8854, macro_f1=0.49, majority=0.85,
        with_rr=0.953, marks="qtdb, ECG1", found={"P": 0.72, "QRS": 0.94},
    )  # fmt: skip
    said = fidelity_words(judged).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")
    assert "on 88.5 % of the beats (macro F1 0.49) of 22 recordings of mitdb that it was" in said
    assert "would on 85.0 %. With the RR features" in said
    assert "95.3 %. By experts' marks (qtdb, ECG1) the names find 72 % of P, 94 % of QRS." in said
    bare = fidelity_words(replace(judged, unseen=False, with_rr=None, marks="", found={}))
    assert "not fitted on" not in bare
    assert "RR features" not in bare
    assert "experts" not in bare


def test_letters_of_clusters_are_no_classes_of_beats():
    checkpoint = load_checkpoint("tiny")
    model = SimpleNamespace(count=25, labels=("QRS",) * 25)
    labels = cluster_labels(checkpoint, model)
    assert len(set(labels)) == 25
    assert labels[:6] == ("A", "B", "C", "D", "E", "G")
    assert not set(labels) & {"N", "S", "V", "F", "Q"}
