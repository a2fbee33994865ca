"""The trust panel, the league and the recommended method on the Explain page, without a browser."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.faithfulness.curves import Curves
from ecgcore.faithfulness.league import NAME, VERSION
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.ui import trust_cache
from ecgcore.ui.trust_panel import seeds_words
from tests.make_record import save_tiny_checkpoints
from tests.ui.seen import figure, finished, text


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ECG_RESULTS_DIR", str(tmp_path / "results"))
    save_tiny_checkpoints(tmp_path / "checkpoints")


@pytest.fixture
def judged(tmp_path):
    """Write a league that recommends occlusion for ``tiny`` and finds Grad-CAM no good."""

    def found(title, gain, low):
        return {
            "title": title,
            "gain": gain,
            "gain_interval": [low, gain + 0.1],
            "deletion_auc": 0.4,
            "insertion_auc": 0.4 + gain,
            "better_than_random": low > 0,
            "randomisation_correlation": 0.1,
            "stability": 0.9,
        }

    level = dict.fromkeys(
        ("random_deletion_auc", "energy_deletion_auc", "energy_insertion_auc"), 0.5
    )
    entry = {
        "digest": load_checkpoint("tiny").digest,
        "version": VERSION,
        "database": "demo",
        "records": "all",
        "settings": {"beats": 40, "checked_beats": 8, "seed": 0},
        "baselines": level,
        "methods": {
            "gradcam": found("Grad-CAM", 0.01, -0.1),
            "occlusion": found("Occlusion", 0.3, 0.2),
            "lime": found("LIME", 0.31, 0.2),
        },
        "recommended": {
            "method": "occlusion",
            "reason": "It asks the network least often.",
            "largest": "lime",
            "as_good": {"occlusion": [-0.02, 0.04]},
        },
    }
    (tmp_path / "results").mkdir()
    path = tmp_path / "results" / NAME
    path.write_text(json.dumps({"format": 1, "checkpoints": {"tiny": entry}}))
    return path


def _told(app) -> str:
    boxes = [*app.success, *app.warning, *app.info, *app.caption, *app.markdown]
    return " ".join(box.value for box in boxes).replace("\\", "").replace("**", "")


@pytest.mark.parametrize("checkpoint", ["tiny", "who"])
def test_the_panel_is_drawn_when_it_is_asked_for(open_page, checkpoint):
    app = finished(open_page("explain", ckpt=checkpoint, beat="5"))
    assert not [c for c in app.get("plotly_chart") if "-trust_curves" in c.proto.id]
    app.toggle(key="trust_shown").set_value(True).run()
    assert app.query_params["trust"] == "True"
    curves = figure(app, "trust_curves")
    assert {"random, mean", "by energy", "Grad-CAM"} <= {t.get("name") for t in curves["data"]}
    assert "probability of" in json.dumps(curves["layout"])
    assert figure(app, "trust_checks")["data"]
    assert [m.label for m in app.metric][:2] == ["Deletion area", "Insertion area"]
    said = _told(app)
    assert (
        "random orders on this beat" in said
        or "no better than a random order" in said
        or ("hardly depends on this waveform" in said)
    )
    assert f"league --checkpoint {checkpoint}" in said  # nothing was judged yet


def test_a_map_that_is_the_same_everywhere_is_said_to_prove_nothing(open_page, monkeypatch):
    whole = trust_cache.trust_report

    def even(*asked):
        return replace(whole(*asked), noise=float("nan"), shift=float("nan"))

    monkeypatch.setattr(trust_cache, "trust_report", even)
    app = finished(open_page("explain", ckpt="tiny", beat="8", trust="True", method="occlusion"))
    assert "This map is the same everywhere" in _told(app)
    assert "random order" not in " ".join(box.value for box in app.warning)
    assert not [c for c in app.get("plotly_chart") if "-trust_checks" in c.proto.id]
    trust_cache.report.clear()


@pytest.mark.parametrize("better", [True, False])
def test_the_order_of_the_beats_energy_is_told_beside_the_random_ones(
    open_page, monkeypatch, better
):
    whole = trust_cache.trust_report

    def drawn(*asked):
        found = whole(*asked)
        size = found.map.deletion.shape[1]

        def flat(level, rows=1):
            return Curves(deletion=np.full((rows, size), 1 - level),
                          insertion=np.full((rows, size), level))  # fmt: skip

        energy = flat(0.7 if better else 0.9)
        return replace(found, map=flat(0.9), energy=energy, random=flat(0.5, 20), noise=1, shift=1)

    trust_cache.report.clear()
    monkeypatch.setattr(trust_cache, "trust_report", drawn)
    app = finished(open_page("explain", ckpt="tiny", beat="8", trust="True", method="occlusion"))
    assert "better than all 20 random orders" in _told(app)
    assert ("better than the order of the beat's energy" in _told(app)) is better
    assert ("So does, as well or better, the order of its energy" in _told(app)) is not better
    level = "0.30" if better else "0.10"
    assert app.metric[0].delta == f"random 0.50, energy {level}"
    trust_cache.report.clear()


def test_a_plus_typed_into_an_address_is_a_plus(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="5", method="gradcam  "))
    assert app.selectbox(key="pick_method").value == "gradcam++"


def test_a_link_with_the_panel_opens_it(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="5", trust="True", method="occlusion"))
    assert app.toggle(key="trust_shown").value
    assert "Occlusion" in json.dumps(figure(app, "trust_curves")["data"])


def test_the_recommended_method_is_the_one_that_is_shown(open_page, judged):
    app = finished(open_page("explain", ckpt="tiny", beat="5", trust="True"))
    picker = app.selectbox(key="pick_method")
    assert picker.value == "occlusion"
    assert f"★ {EXPLAINERS['occlusion'].title}" in picker.options
    assert app.query_params["method"] == "occlusion"
    assert "Recommended: Occlusion. It asks the network least often." in _told(app)
    table = app.dataframe[0].value
    assert table["method"].tolist() == ["LIME", "Occlusion", "Grad-CAM"]
    assert table[""].tolist() == ["as good", "recommended", "does no better than a random order"]


def test_a_method_no_better_than_random_says_so_beside_its_map(open_page, judged):
    app = finished(open_page("explain", ckpt="tiny", beat="5", method="gradcam"))
    said = " ".join(box.value for box in app.warning).replace("\\", "")
    assert "does no better than a random order" in said
    assert "Recommended here: Occlusion" in said
    app = finished(open_page("explain", ckpt="tiny", beat="5", method="occlusion"))
    assert "random order" not in " ".join(box.value for box in app.warning)


def test_the_reason_of_the_recommendation_stands_beside_the_map(open_page, judged):
    """Without the panel: whoever sees the star sees why."""
    app = finished(open_page("explain", ckpt="tiny", beat="5"))
    assert (
        "Occlusion is recommended for this checkpoint, judged on 40 beats of demo all. "
        "It asks the network least often." in _told(app)
    )
    app = finished(open_page("explain", ckpt="tiny", beat="5", method="lime"))
    assert "Recommended for this checkpoint: Occlusion." in _told(app)
    assert "least often" not in _told(app)


def test_a_league_of_other_weights_or_a_broken_one_recommends_nothing(open_page, judged):
    text = judged.read_text()
    judged.write_text(text.replace(load_checkpoint("tiny").digest, "another"))
    app = finished(open_page("explain", ckpt="tiny", beat="5"))
    assert app.selectbox(key="pick_method").value == "gradcam"
    judged.write_text("{")
    app = finished(open_page("explain", ckpt="tiny", beat="6"))
    assert app.selectbox(key="pick_method").value == "gradcam"
    assert figure(app, "saliency")["data"]


def test_each_head_of_the_attention_can_be_chosen(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="5", method="attention"))
    heads = app.selectbox(key="pick_head")
    assert heads.options == ["mean of the heads", "head 1", "head 2"]
    heads.set_value("attention:2").run()
    assert app.query_params["method"] == "attention:2"
    assert "Attention, head 2" in text(app)
    shown = figure(app, "saliency")
    rows = [t for t in shown["data"] if t["type"] == "heatmap" and "head 1" in str(t.get("y"))]
    assert len(rows) == 1
    app = finished(open_page("explain", ckpt="tiny", beat="5", method="attention:7"))
    assert "no head 7" in " ".join(box.value for box in app.warning)


def test_why_no_other_seed_agrees_or_which_one_does_is_said_plainly():
    alone = seeds_words(SimpleNamespace(seeds={}))
    assert "one seed's weights are among the checkpoints, no other's" in alone
    both = seeds_words(SimpleNamespace(seeds={"identity-random": -0.6064}))
    assert "identity\\-random **−0.61**" in both
    assert "not available" not in both
