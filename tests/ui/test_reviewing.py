"""Verdicts on labels, on the Compare page of the demo database: kept, shown, exported."""

import io
import re
import zipfile

import numpy as np
import pytest
import wfdb

from ecgcore import __version__
from ecgcore.layers import store
from ecgcore.layers.editing import edit_layer
from ecgcore.layers.layer import Origin
from ecgcore.layers.marks import Change, moved, relabelled
from ecgcore.layers.reviews import reviews
from ecgcore.layers.store import create_layer, layer_state
from ecgcore.models.checkpoint import read_meta
from ecgcore.records.annotation_file import parse_annotations
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_header, read_record_annotations
from ecgcore.safe_csv import csv_bytes
from ecgcore.storage.engine import app_database
from ecgcore.training.held_out import VERSION, HeldOut, keep_held_out
from ecgcore.training.store import stored_predictions
from ecgcore.ui import background, model_cache
from ecgcore.ui.reviewing import review_table, wfdb_zip
from tests.make_record import save_tiny_checkpoints
from tests.ui.seen import text


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ECG_DATABASE_URL", f"sqlite:///{tmp_path / 'app.sqlite3'}")
    monkeypatch.setattr(background, "_PATIENCE_S", 60)
    save_tiny_checkpoints(tmp_path / "checkpoints")


def _fill(app, *, name="Dr. Kim", note="=1+1, P wave seen", verdict="wrong", should="V"):
    app.button_group(key="review_verdict").set_value(verdict).run()
    if verdict == "wrong":
        app.selectbox(key="review_class").set_value(should)
    app.text_input(key="review_name").set_value(name)
    app.text_area(key="review_note").set_value(note)
    next(b for b in app.button if b.label == "Keep the verdict").click().run()
    return app


def test_a_verdict_is_kept_with_name_and_time_and_goes_out(open_page, tmp_path):
    app = _fill(open_page("compare", ckpt="tiny", by="suspects"))
    assert "Kept." in text(app)
    (one,) = reviews(app_database(), "demo")
    assert (one.verdict, one.suggested, one.reviewer) == ("wrong", "V", "Dr. Kim")
    assert one.context["checkpoint"] == "tiny"
    assert re.search(r"Dr. Kim \(20\d\d-.* UTC\): wrong, should be V", text(app))
    assert "1 verdict on this set" in text(app)
    rows = app.dataframe[-1].value
    here = rows[rows["beat"] == int(app.query_params["beat"])]
    assert here["verdict"].tolist() == ["wrong → V"]
    # The source file is as it was, and the exports say who said what.
    base, found = demo_database(), reviews(app_database(), "demo")
    source = wfdb.rdann(str(base.root / one.record), "atr")
    with zipfile.ZipFile(io.BytesIO(wfdb_zip(found))) as archive:
        assert archive.namelist() == [f"{one.record}.reviews"]
        archive.extractall(tmp_path)
    (about,) = parse_annotations((tmp_path / f"{one.record}.reviews").read_bytes(), "it").about
    assert about.startswith(f"{__version__}: reviewers' verdicts")
    read = wfdb.rdann(str(tmp_path / one.record), "reviews")
    assert read.sample.tolist() == [one.sample]
    assert read.symbol == ["V"]
    assert "Dr. Kim" in read.aux_note[0]
    assert one.sample in source.sample
    table = csv_bytes(review_table(found)).decode("utf-8-sig")
    assert "'=1+1, P wave seen" in table  # no formula for a spreadsheet
    assert ",=1+1" not in table


def test_a_verdict_without_a_name_is_refused_and_nothing_is_lost(open_page):
    app = _fill(open_page("compare", ckpt="tiny", by="suspects"), name=" ")
    assert "Write your name" in text(app)
    assert app.text_area(key="review_note").value == "=1+1, P wave seen"
    assert reviews(app_database(), "demo") == ()


def test_any_beat_can_be_noted(open_page):
    app = open_page("compare", ckpt="tiny", where="wrong")
    app = _fill(app, verdict="unsure", note="<script>noise?</script>")
    (one,) = reviews(app_database(), "demo")
    assert (one.verdict, one.suggested, one.note) == ("unsure", "", "<script>noise?</script>")
    app.button(key="browse_Next").click().run()
    assert "Kept." not in text(app)
    assert app.text_input(key="review_name").value == "Dr. Kim"
    assert app.text_area(key="review_note").value == ""


def test_suspects_are_listed_the_most_doubtful_first(open_page):
    app = open_page("compare", ckpt="tiny", by="suspects", set="all")
    rows = app.dataframe[-1].value
    assert len(rows)
    assert (rows["doubt"].diff().dropna() <= 0).all()
    assert (rows["likely"] != rows["true"]).all()
    assert np.all(rows["doubt"] > 0)
    assert rows["beat"].iloc[0] == int(app.query_params["beat"])
    assert "contradicted by tiny" in text(app)


def test_people_have_no_labels_to_doubt(open_page):
    app = open_page("compare", ckpt="who", rec="demo02", by="suspects")
    assert "no annotation to doubt" in text(app)
    assert not [b for b in app.button if b.label == "Keep the verdict"]


def test_labels_that_trained_the_checkpoint_are_not_doubted(open_page, monkeypatch):
    monkeypatch.setattr("ecgcore.compare.suspects.trained_on", lambda _, __, records: records)
    model_cache._suspect_labels.clear()
    app = open_page("compare", ckpt="tiny", by="suspects")
    assert "No label here can be doubted" in text(app)
    assert "1 recording that trained the checkpoint left out" in text(app)
    model_cache._suspect_labels.clear()


def test_labels_judged_by_new_folds_are_seen_at_once(open_page, monkeypatch):
    monkeypatch.setattr("ecgcore.compare.suspects.trained_on", lambda _, __, records: records)
    model_cache._suspect_labels.clear()
    app = open_page("compare", ckpt="tiny", by="suspects", rec="demo03")
    assert "every one of these recordings trained" in text(app)
    part = stored_predictions(model_cache.checkpoint("tiny"), demo_database(), "demo03")
    meta, sample = read_meta("tiny"), part.peaks.sample
    about = {"version": VERSION, "classes": list(meta.classes), "data_hash": meta.data_hash}

    def keep(at):
        record = np.full(sample.size, "demo03")
        made = HeldOut(record=record, sample=at, probability=part.probability, about=about)
        keep_held_out("tiny", meta, made)

    keep(sample + 10**7)
    assert "none lies within 150 ms" in text(app.run())
    keep(sample + 3)
    assert "contradicted by networks that never saw these people" in text(app.run())
    model_cache._suspect_labels.clear()


def test_a_verdict_under_a_layer_is_on_the_sources_label(open_page):
    base = demo_database()
    header = read_header(base, "demo03")
    marks, _ = read_record_annotations(base, header)
    layer = create_layer(
        app_database(), header, name="x", author="a", base=marks, origin=Origin(kind="source")
    )
    state = layer_state(app_database(), layer.id)
    own = {int(s): str(c) for s, _, c in zip(*marks.beats(), strict=True)}
    beat = state.mark_at(next(s for s, c in own.items() if c == "N"))
    change = relabelled(moved(beat, beat.sample + 5).after, "V")
    both = Change(before=beat, after=change.after)
    layer = edit_layer(app_database(), layer, (both,), kind="relabel", author="a")
    beats = store.layer_annotations(app_database(), layer).beats()[0]
    index = int(np.flatnonzero(beats == beat.sample + 5)[0])
    url = {"db": "demo", "rec": "demo03", "layer": layer.id, "beat": str(index)}
    app = open_page("compare", ckpt="tiny", where="wrong", **url)
    app = _fill(app, verdict="unsure")
    (one,) = reviews(app_database(), "demo")
    assert (one.sample, one.annotated) == (beat.sample + 5, "N")
    assert one.context["layer"] == layer.state
    assert one.context["layer_class"] == "V"
    assert app.text_input(key="review_name").value == "Dr. Kim"
