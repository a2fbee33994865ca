"""Changes of rhythm on the pages: put down, changed, deleted, and found by comparing."""

import pytest

from ecgcore.layers import store
from tests.ui.layered import at, beats, make


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))


def other(app, value):
    app.selectbox(key="layer_other").set_value(value).run()
    assert not app.exception


def test_rhythms_are_put_down_changed_and_deleted(open_page, storage):
    app = open_page("signal")
    layer = make(app)
    began = store.layer_state(storage, layer).stretch_marks
    mark = at(app, layer, 5)
    other(app, "(AFIB")
    (new,) = set(store.layer_state(storage, layer).stretch_marks) - set(began)
    assert (new.sample, new.symbol, new.aux) == (mark.sample, "+", "(AFIB")
    there = beats(app)
    # It stands on a beat: those who jump to changes of rhythm mean it.
    app.selectbox(key="jump_to").set_value("change of rhythm").run()
    assert "rhythm" in next(text.value for text in app.markdown if "AFIB" in text.value)
    assert app.button(key="layer_class_V").disabled
    other(app, "(AFL")
    app.button(key="layer_nudge_1").click().run()
    (moved,) = set(store.layer_state(storage, layer).stretch_marks) - set(began)
    assert (moved.aux, moved.sample > mark.sample) == ("(AFL", True)
    app.button(key="layer_delete").click().run()
    assert not app.exception
    assert store.layer_state(storage, layer).stretch_marks == began
    assert beats(app) == there
    assert [edit.kind for edit in store.edits(storage, layer)] == [
        "add", "relabel", "move", "delete",
    ]  # fmt: skip


def test_another_rhythm_is_found_by_comparing(open_page, storage):
    app = open_page("signal")
    layer = make(app)
    mark = at(app, layer, 5)
    other(app, "(AFIB")
    app.segmented_control(key="layer_part").set_value("Compare").run()
    table = next(box.value for box in app.get("html") if "rhythm_table" in box.value)
    assert "atrial fibrillation" in table
    (listed,) = (one.value for one in app.dataframe if "for (s)" in one.value)
    (row,) = listed.to_dict("records")
    fs = store.get_layer(storage, layer).fs
    assert (row["from (s)"], row["there"], row["here"]) == (
        round(mark.sample / fs, 3), "(N", "(AFIB",
    )  # fmt: skip
    assert any("another rhythm" in words for words in app.selectbox(key="jump_to").options)
