"""Layers on the pages, on the demo database and without a browser: made, edited, followed."""

from dataclasses import replace

import numpy as np
import pytest
import streamlit as st

from ecgcore.layers import store
from ecgcore.layers.edits import beat_annotations
from ecgcore.layers.layer import Origin
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_header
from ecgcore.ui import pager
from ecgcore.ui.current import DEMO_RECORD
from tests.make_record import save_tiny_checkpoints
from tests.ui.layered import at, beats, make, strip
from tests.ui.seen import after_background


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))


def test_a_layer_of_a_recording_that_has_changed_since_is_told(open_page, storage):
    header = replace(read_header(demo_database(), DEMO_RECORD), digest="then")
    longer = replace(header, length=2 * header.length)
    layer = store.create_layer(
        storage,
        longer,
        name="of a longer file",
        author="Ann",
        base=beat_annotations(np.array([500, header.length + 500]), "NN", "atr"),
        origin=Origin(kind="empty"),
    )
    for page in ("signal", "beats", "hrv"):
        app = open_page(page, rec=header.name, layer=layer.id)
        assert not app.exception
        assert any("its beats may lie wrong" in box.value for box in app.warning)


def test_a_layer_is_made_edited_and_followed_by_other_pages(open_page, storage):
    app = open_page("signal")
    there = beats(app)
    layer = make(app)
    assert "layer" in strip(app)
    assert beats(app) == there
    mark = at(app, layer)
    app.button(key="layer_delete").click().run()
    assert beats(app) == there - 1
    app.session_state["cursor"] = 0.1
    app.button(key="layer_undo").click().run()
    assert beats(app) == there
    assert app.session_state["cursor"] == mark.sample / store.get_layer(storage, layer).fs
    app.button(key="layer_redo").click().run()
    at(app, layer, 7)
    app.button(key="layer_class_Q").click().run()
    assert not app.exception
    found = store.layer_state(storage, layer)
    assert found.mark_at(mark.sample) is None
    assert [edit.kind for edit in store.edits(storage, layer)] == [
        "delete",
        "undo",
        "redo",
        "relabel",
    ]
    for page in ("beats", "home"):
        other = open_page(page, db="demo", rec="demo03", layer=layer)
        if page == "beats":
            assert beats(other) == there - 1
            assert "Q&nbsp;" in strip(other)


def test_a_click_that_would_snap_onto_a_beat_means_that_beat(open_page, storage):
    app = open_page("signal")
    layer, there = make(app), beats(app)
    fs = store.get_layer(storage, layer).fs
    mark = at(app, layer)
    app.session_state["cursor"] = mark.sample / fs - 0.07
    app.run()
    app.button(key="layer_class_Q").click().run()
    assert not app.exception
    assert store.edits(storage, layer)[-1].kind == "relabel"
    assert beats(app) == there
    app.toggle(key="layer_snap").set_value(False).run()
    app.session_state["cursor"] = mark.sample / fs - 0.07
    app.run()
    app.button(key="layer_class_Q").click().run()
    assert store.edits(storage, layer)[-1].kind == "add"
    assert beats(app) == there + 1


def test_a_models_predictions_become_a_layer_beside_the_first(
    open_page, storage, monkeypatch, tmp_path
):
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    save_tiny_checkpoints(tmp_path / "checkpoints")
    app = open_page("signal")
    first = make(app)
    app.segmented_control(key="layer_part").set_value("Another layer").run()
    app.selectbox(key="layer_from").set_value("a model's predictions").run()
    after_background(app)
    assert app.selectbox(key="layer_model").options == ["tiny"]  # recognition says no classes
    app.button(key="layer_make").click().run()
    assert not app.exception
    second = store.get_layer(storage, app.query_params["layer"])
    assert second.id != first
    assert (second.origin.kind, second.origin.name) == ("checkpoint", "tiny")
    beats = store.layer_annotations(storage, second)
    assert np.array_equal(
        beats.sample, store.layer_annotations(storage, store.get_layer(storage, first)).beats()[0]
    )
    assert set(beats.symbol.tolist()) <= {"N", "S", "V"}


def test_who_comes_second_is_told_and_can_do_it_on_the_new_version(open_page, storage):
    first = open_page("signal")
    layer = make(first)
    second = open_page("signal", db="demo", rec="demo03", layer=layer)
    second.text_input(key="person_box").set_value("Ben").run()
    second.toggle(key="layer_edit").set_value(True).run()
    one, other = at(first, layer, 3), at(second, layer, 5)
    first.button(key="layer_delete").click().run()
    second.button(key="layer_delete").click().run()
    assert any("Ann changed the layer" in box.value for box in second.warning)
    assert store.layer_state(storage, layer).mark_at(other.sample) == other
    second.button(key="layer_again").click().run()
    found = store.layer_state(storage, layer)
    assert found.mark_at(one.sample) is None
    assert found.mark_at(other.sample) is None
    assert [edit.author for edit in store.edits(storage, layer)] == ["Ann", "Ben"]


def test_without_a_name_nothing_is_edited_or_made(open_page, storage):
    app = open_page("signal")
    app.segmented_control(key="signal_panel").set_value("Layers").run()
    assert app.button(key="layer_make").disabled
    app.text_input(key="person_box").set_value("\u202e").run()
    assert app.button(key="layer_make").disabled
    layer = make(app)
    other = open_page("signal", db="demo", rec="demo03", layer=layer)
    assert other.toggle(key="layer_edit").disabled
    assert other.button(key="layer_undo").disabled


def test_in_a_wide_window_nothing_is_edited_and_it_is_said(open_page, storage, monkeypatch):
    monkeypatch.setattr(pager, "SPANS", (*pager.SPANS[:5], 120.0))  # the demo is no longer
    app = open_page("signal")
    layer = make(app)
    at(app, layer)
    assert not app.button(key="layer_delete").disabled
    app.session_state["view"] = replace(app.session_state["view"], span=120.0)
    app.run()
    assert not any(button.key == "layer_delete" for button in app.button)
    assert any("at most 60 s" in text.value for text in app.markdown)


def test_names_are_text(open_page, storage):
    app = open_page("signal")
    layer = make(app, person="<b>*Ann*</b>")
    store.rename_layer(storage, layer, "<img src=x> $a$ [b](c)")
    app.run()
    assert "<img" not in strip(app)
    assert "&lt;img" in strip(app)
    said = next(text.value for text in app.caption if "By " in text.value)
    assert "\\<b\\>" in said


def test_a_layer_that_is_not_here_is_said(open_page, storage):
    app = open_page("signal", layer="nonsense")
    assert any("layer in the address is not here" in box.value for box in app.warning)
    assert "layer" not in app.query_params
    layer = make(app)
    elsewhere = open_page("signal", db="demo", rec="demo02", layer=layer)
    assert "layer <b>" not in strip(elsewhere)


def test_a_database_that_can_not_be_opened_hides_layers_and_no_signal(
    open_page, monkeypatch, tmp_path
):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("ECG_DATABASE_URL", f"sqlite:///{tmp_path / 'file' / 'a.sqlite3'}")
    app = open_page("signal", layer="x")
    assert any("Layers can" in box.value for box in app.warning)
    assert beats(app) > 100


def test_what_is_put_away_is_brought_back(open_page, storage):
    app = open_page("signal")
    layer = make(app)
    app.button(key="layer_put_away").click().run()
    assert "layer" not in app.query_params
    assert store.list_layers(storage) == ()
    app.button(key=f"layer_back_{layer}").click().run()
    assert not app.exception
    assert app.query_params["layer"] == layer
    assert [one.id for one in store.list_layers(storage)] == [layer]
    store.put_away(storage, layer)
    again = open_page("signal", db="demo", rec="demo03", layer=layer)
    again.segmented_control(key="signal_panel").set_value("Layers").run()
    assert any("is put away" in text.value for text in again.caption)


def test_a_name_that_the_browser_keeps_is_known_in_another_window(open_page, storage, monkeypatch):
    app = open_page("signal")
    make(app, person="Zoë; path=/")
    script = next(box.value for box in app.get("html") if "document.cookie" in box.value)
    assert "beatlens_name=Zo%C3%AB%3B%20path%3D%2F;" in script
    monkeypatch.setattr(
        type(st.context),
        "cookies",
        property(lambda _: {"beatlens_name": "Zo%C3%AB%3B%20path%3D%2F"}),
    )
    second = open_page("signal")
    second.segmented_control(key="signal_panel").set_value("Layers").run()
    assert second.text_input(key="person_box").value == "Zoë; path=/"
    second.text_input(key="person_box").set_value("").run()
    assert second.button(key="layer_make").disabled  # who wants no name has none
    script = next(box.value for box in second.get("html") if "document.cookie" in box.value)
    assert "beatlens_name=; path=/; max-age=0;" in script  # in no later window either
