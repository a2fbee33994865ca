"""The error browser on the Compare page, on the demo database, without a browser."""

import json

import pytest

from ecgcore.ui import background
from tests.ui.seen import figure, finished, text

WHERE = "rec:demo03;wrong;conf:0.4-"


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tiny_demo):
    # What is in the background is waited for here: AppTest does not poll.
    monkeypatch.setattr(background, "_PATIENCE_S", 60)


def _list(app):
    return app.dataframe[-1].value


def test_a_filter_in_the_address_is_listed_and_kept(open_page):
    app = open_page("compare", ckpt="tiny", set="all", where=WHERE)
    rows = _list(app)
    assert len(rows)
    assert (rows["true"] != rows["predicted"]).all()
    assert (rows["confidence"] >= 0.4).all()
    assert app.query_params["where"] == WHERE
    assert f"{len(rows):,} beats of what is asked" in text(app)
    first = rows.iloc[0]
    assert (app.query_params["rec"], app.query_params["beat"]) == (
        first["record"], str(first["beat"]),
    )  # fmt: skip


def test_the_filter_is_changed_by_its_widgets(open_page):
    app = open_page("compare", ckpt="tiny", set="all", where="wrong")
    before = len(_list(app))
    record = app.multiselect(key="filter_record").options[1]
    app.multiselect(key="filter_record").set_value([record]).run()
    assert set(_list(app)["record"]) == {record}
    assert 0 < len(_list(app)) < before
    assert app.query_params["where"] == f"rec:{record};wrong"
    low, high = app.slider(key="filter_confidence").value
    app.slider(key="filter_confidence").set_value((low, round((low + high) / 2, 2))).run()
    assert ";conf:-0." in app.query_params["where"]
    assert _list(app)["confidence"].max() <= (low + high) / 2 + 0.005
    next(b for b in app.button if b.label == "Back to one cell").click().run()
    assert "where" not in app.query_params


def test_next_and_previous_walk_the_list_in_its_order(open_page):
    app = open_page("compare", ckpt="tiny", set="all", where="wrong", sort="early")
    rows = _list(app)
    assert (rows["pre_rr"].dropna().diff().dropna() >= 0).all()
    assert app.button(key="browse_Previous").disabled
    for place in (1, 2):
        app.button(key="browse_Next").click().run()
        assert int(app.query_params["beat"]) == rows["beat"].iloc[place]
        assert app.query_params["rec"] == rows["record"].iloc[place]
    app.button(key="browse_Previous").click().run()
    assert int(app.query_params["beat"]) == rows["beat"].iloc[1]
    assert "2 of" in text(app)


def test_a_filter_that_nothing_passes_says_so_and_the_page_stays(open_page):
    app = open_page("compare", ckpt="tiny", set="all", where="rec:nobody;conf:0.99-")
    assert "0 beats of what is asked" in text(app)
    assert figure(app, "triptych")["data"]
    assert app.button(key="browse_Next").disabled
    assert "1 name asked for, but not in this set" in text(app)


def test_groups_are_told_with_what_they_cost(open_page):
    app = open_page("compare", ckpt="tiny", set="all", by="groups")
    groups = app.dataframe[0].value
    assert (groups["cost"].diff().dropna() <= 1e-9).all()
    assert (groups["true"] != groups["pred."]).all()
    assert f"{len(groups)} groups of errors" in text(app)
    assert "Macro F1 of the set" in text(app)


def test_noise_is_measured_when_it_is_asked_for(open_page):
    app = open_page("compare", ckpt="tiny", set="all", by="groups")
    assert "noise" not in _list(app)
    app.button(key="measure_groups").click().run()
    finished(app, "measure")
    assert _list(app)["noise"].notna().all()
    app.slider(key="filter_noise")  # there is one now
    # An address that asks for noise measures it without a click.
    app = open_page("compare", ckpt="tiny", where="wrong", sort="noisy")
    assert (_list(app)["noise"].diff().dropna() <= 0).all()


@pytest.mark.parametrize("kind", ["", "tsne"])
def test_the_map_draws_every_error_by_class(open_page, kind):
    app = open_page("compare", ckpt="tiny", by="map", map=kind)
    traces = figure(app, "beat_map")["data"]
    crosses = [t for t in traces if t["name"].endswith(", wrong")]
    assert {t["type"] for t in traces} == {"scattergl"}
    wrong = app.session_state["view"]
    assert wrong.projection == kind
    assert crosses
    assert traces[-1]["name"] == "shown below"
    assert ("keeps neighbours together" in text(app)) == (kind == "tsne")


def test_a_wrong_beat_is_read_in_one_sentence_and_a_right_one_not(open_page, monkeypatch):
    monkeypatch.delenv("ECG_CHECKPOINT_DIR")
    url = {"ckpt": "resunet-b2", "rec": "demo04", "set": "all"}
    app = open_page("compare", where="true:N;pred:S", **url)
    assert text(app).count("The sentence is read off the waveform by rule") == 1
    traces = figure(app, "difference")["data"]
    named = [trace.get("name", "") for trace in traces]
    assert "this beat" in named
    assert any(name.startswith("true: ") for name in named)
    assert any(name.startswith("predicted: ") for name in named)
    assert '"clusters"' in json.dumps(figure(app, "triptych"))
    app = open_page("compare", where="true:N;pred:N", **url)
    assert not [c for c in app.get("plotly_chart") if "-difference" in c.proto.id]
    assert "Chosen" in json.dumps(figure(app, "triptych"))


def test_where_a_class_was_never_right_there_is_nothing_to_read_off(open_page):
    app = open_page("compare", ckpt="tiny", set="all", where="wrong")
    assert "Nothing to read off" in text(app)
