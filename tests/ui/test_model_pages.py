"""The Models, Explain and Compare pages on the demo database, without a browser."""

import json
import re
import shutil

import pytest

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.models.checkpoint import load_checkpoint, read_meta
from ecgcore.records.demo import demo_database
from ecgcore.training.store import stored_predictions
from ecgcore.ui.checkpoint_picker import _of_people
from ecgcore.ui.explain_controls import FALLBACK
from tests.ui.seen import figure, finished, text

pytestmark = pytest.mark.usefixtures("tiny_demo")


def test_models_tells_what_a_checkpoint_sees_and_its_flags(open_page):
    app = open_page("models", ckpt="tiny")
    assert "the beat minus the record's own median beat" in text(app)
    assert "Untrained." in text(app)
    assert "Not for clinical use" in text(app)


def test_models_chooses_into_the_url(open_page):
    app = open_page("models", ckpt="tiny")
    app.button_group(key="models_pick").set_value("who").run()
    assert app.query_params["ckpt"] == "who"
    assert "whose heartbeat it is" in text(app)


def test_models_without_any_says_how_to_get_one(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "none"))
    assert "train" in text(open_page("models"))
    assert "train" in text(open_page("explain"))


def test_a_broken_checkpoint_is_named_and_the_others_work(open_page, tmp_path):
    (tmp_path / "checkpoints" / "bad").mkdir()
    (tmp_path / "checkpoints" / "bad" / "config.json").write_text("{")
    app = open_page("models", ckpt="tiny")
    assert "bad" in " ".join(box.value for box in app.warning)
    assert "median beat" in text(app)
    assert "bad" in " ".join(box.value for box in open_page("explain", ckpt="bad").warning)


def test_explain_shows_the_beat_in_the_url(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="12", target="V"))
    assert "Beat 12" in text(app)
    assert "Grad-CAM for V" in text(app)
    assert "Not for clinical use" in text(app)


def test_explain_steps_from_wrong_beat_to_wrong_beat(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="0"))
    app.selectbox(key="step_kind").set_value("wrong").run()
    before = app.session_state["view"].beat
    app.button(key="step_Next").click().run()
    after = app.session_state["view"].beat
    assert after > before
    assert app.query_params["beat"] == str(after)
    assert "wrong" in text(app)


def test_explain_works_for_people_and_names_what_was_resampled(open_page):
    app = finished(open_page("explain", ckpt="who", beat="3", rec="demo02"))
    assert "demo02" in text(app)
    assert "Hz" in json.dumps(figure(app, "saliency")["layout"])


def test_explain_follows_target_and_method_in_the_url(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="5"))
    app.selectbox(key="pick_target").set_value("S").run()
    assert app.query_params["target"] == "S"
    assert "Grad-CAM for S" in text(app)


@pytest.mark.parametrize(("page", "chart"), [("explain", "saliency"), ("compare", "triptych")])
def test_an_unknown_method_falls_back_to_the_default(open_page, page, chart):
    app = finished(open_page(page, ckpt="tiny", method="guess"))
    assert "'guess'" in " ".join(box.value for box in app.warning)
    assert app.selectbox(key="pick_method").value == FALLBACK
    assert figure(app, chart)["data"]


def test_every_method_that_can_explain_the_network_is_offered_and_the_others_say_why(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="5", method="cam"))
    assert "averaged over time" in " ".join(box.value for box in app.warning)
    picker = app.selectbox(key="pick_method")
    assert picker.value == FALLBACK
    offered = [n for n, e in EXPLAINERS.items() if not e.refuses(load_checkpoint("tiny").network)]
    assert picker.options == [EXPLAINERS[name].title for name in offered]
    assert "CAM" in picker.help
    for method in ("integrated-gradients", "lime", "attention"):
        app.selectbox(key="pick_method").set_value(method).run()
        assert app.query_params["method"] == method
        assert f"{EXPLAINERS[method].title} for" in text(app)
        strip = figure(app, "saliency")["data"][-1]
        assert strip["zmin"] == (-1 if EXPLAINERS[method].signed else 0)


def test_another_rr_interval_moves_prediction_map_and_split(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="5", method="integrated-gradients"))
    assert "Morphology or rhythm" in text(app)
    recorded = app.slider(key="what_if_pre").value
    app.slider(key="what_if_pre").set_value(round(recorded / 2, 2)).run()
    assert float(app.query_params["pre"]) == round(recorded / 2, 2)
    assert "What if: RR before the beat" in " ".join(box.value for box in app.warning)
    bars, *_, marks = figure(app, "split")["data"]
    assert marks["name"] == "as recorded"
    assert bars["x"] != marks["x"]
    strips = [t for t in figure(app, "saliency")["data"] if t["type"] == "heatmap"]
    assert len(strips) == 2
    next(b for b in app.button if b.label == "As recorded").click().run()
    assert "pre" not in app.query_params
    assert all(part.get("name") != "as recorded" for part in figure(app, "split")["data"])


def test_another_beat_has_its_own_rhythm(open_page):
    app = finished(open_page("explain", ckpt="tiny", beat="5", pre="0.4"))
    assert app.query_params["pre"] == "0.4"
    app.button(key="step_Next").click().run()
    assert "pre" not in app.query_params


def test_a_network_without_rr_intervals_has_no_rhythm_to_change(open_page):
    app = finished(open_page("explain", ckpt="who", beat="3", rec="demo02"))
    assert not app.slider
    assert "Morphology or rhythm" not in text(app)


def test_compare_lists_a_cell_and_shows_the_triptych(open_page):
    app = finished(open_page("compare", ckpt="tiny"))
    cell = app.selectbox(key="pick_cell").value
    assert cell[0] != cell[1]
    assert "Wrong" in json.dumps(figure(app, "triptych"))
    base = demo_database()
    record = app.query_params["rec"]
    usable = stored_predictions(load_checkpoint("tiny"), base, record).usable
    assert f"{len(usable):,} beats of 1 recording" in text(app)
    listed = app.dataframe[0].value
    assert (listed["confidence"].diff().dropna() <= 0).all()
    assert f"{len(listed):,} beats of true {cell[0]} predicted {cell[1]}" in text(app)


def test_compare_goes_to_another_cell_and_beat(open_page):
    app = finished(open_page("compare", ckpt="tiny", set="all"))
    box = app.selectbox(key="pick_cell")
    there = [tuple(re.findall(r"(?:true|predicted) (\w)", text)) for text in box.options]
    other = next(cell for cell in there if cell != box.value)
    box.set_value(other).run()
    beat = app.query_params["beat"]
    assert int(beat) == app.dataframe[0].value["beat"].iloc[0]
    assert f"beat {beat}<br>" in json.dumps(figure(app, "triptych"))


def test_compare_opens_at_the_cell_in_the_url(open_page):
    app = finished(open_page("compare", ckpt="tiny", set="all"))
    there = [
        tuple(re.findall(r"(?:true|predicted) (\w)", o))
        for o in app.selectbox(key="pick_cell").options
    ]
    truth, label = there[-1]
    app = finished(open_page("compare", ckpt="tiny", set="all", cell=f"{truth}>{label}"))
    assert app.selectbox(key="pick_cell").value == (truth, label)
    app = finished(open_page("compare", ckpt="tiny", set="all", cell="X>Y"))
    assert app.selectbox(key="pick_cell").value == there[0]


def test_compare_over_the_whole_database(open_page):
    app = finished(open_page("compare", ckpt="tiny", set="all"))
    base = demo_database()
    assert f"{len(base.records)} recordings" in text(app)


def test_exemplars_of_other_recordings_need_some(open_page):
    assert finished(open_page("compare", ckpt="tiny")).toggle(key="elsewhere").disabled
    app = finished(open_page("compare", ckpt="tiny", set="all"))
    assert not app.toggle(key="elsewhere").disabled
    app.toggle(key="elsewhere").set_value(True).run()
    own = app.query_params["rec"]
    titles = [note["text"] for note in figure(app, "triptych")["layout"]["annotations"]]
    nearest = [title for title in titles if "Nearest" in title]
    assert nearest
    assert not any(own in title for title in nearest)


def test_compare_is_off_with_a_reason_where_there_is_no_truth(open_page):
    app = finished(open_page("compare", ckpt="who", rec="demo05"))
    assert "Comparison is off" in text(app)
    assert "people" in text(app)


@pytest.mark.parametrize("page", ["explain", "compare"])
def test_a_stranger_to_a_checkpoint_for_people_is_said_to_be_one(open_page, page):
    sentence = "not among the 2 people this checkpoint knows"
    assert sentence in text(finished(open_page(page, ckpt="who", rec="demo05")))
    assert sentence not in text(finished(open_page(page, ckpt="who", rec="demo02")))


@pytest.mark.parametrize(("record", "known"), [("16265", True), ("demo02", False)])
def test_training_beats_of_a_person_are_said(monkeypatch, record, known):
    monkeypatch.delenv("ECG_CHECKPOINT_DIR")
    told = " ".join(_of_people(load_checkpoint("identity-nsrdb"), "nsrdb", (record,)))
    assert ("only its test beats are compared" in told) == known
    assert ("18 people" in told) != known


@pytest.mark.parametrize("name", ["resunet-b2", "identity-nsrdb"])
def test_the_committed_checkpoints_show_their_figures(open_page, monkeypatch, name):
    monkeypatch.delenv("ECG_CHECKPOINT_DIR")
    meta = read_meta(name)
    app = open_page("models", ckpt=name)
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["accuracy"] == f"{100 * meta.metrics['accuracy']:.1f} %"
    bars = figure(app, "record_scores")["data"][0]
    expected = round(meta.metrics["n_beats"] * (1 - meta.metrics["accuracy"]))
    assert sum(bars["y"]) == expected > 0
    for flag in meta.protocol.flags:
        assert flag in text(app)
    assert f"On {meta.protocol.test}, its test set: {meta.metrics['n_beats']:,} beats" in text(app)
    several, folds = len(meta.metrics["seeds"]) > 1, bool(meta.training["folds"])
    assert ("median seed by held-out training patients" in text(app)) == (several and folds)


@pytest.mark.parametrize("page", ["explain", "compare"])
def test_a_recording_cut_short_is_gone_through_as_far_as_it_goes(open_page, tmp_path, page):
    base, folder = demo_database(), tmp_path / "empty" / "cut"
    folder.mkdir(parents=True)
    name = base.records[0]
    for path in base.root.glob(f"{name}.*"):
        shutil.copy(path, folder / path.name)
    signal = folder / f"{name}.dat"
    signal.write_bytes(signal.read_bytes()[: signal.stat().st_size // 2])
    app = open_page(page, db="cut", rec=name, ckpt="tiny")
    assert "cut short" in text(app)
    app = finished(app.button(key="read_partial").click().run())
    assert figure(app, "saliency" if page == "explain" else "triptych")["data"]
