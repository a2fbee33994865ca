"""The View and the URL, run inside a script as Streamlit runs it."""

from streamlit.testing.v1 import AppTest


def _script():
    import streamlit as st

    from ecgcore.ui.state import read_url, set_view, view, write_url

    read_url()
    change = st.session_state.pop("change", None)
    if change:
        set_view(**change)
    write_url()
    st.session_state["seen"] = view()


def _run(**url):
    app = AppTest.from_function(_script)
    for name, value in url.items():
        app.query_params[name] = value
    return app.run()


def test_a_link_opens_what_it_names():
    app = _run(db="mitdb", rec="208", t="95.5", beat="12", ckpt="resunet-b2", target="V")
    seen = app.session_state["seen"]
    assert (seen.database, seen.record, seen.time, seen.beat) == ("mitdb", "208", 95.5, 12)
    assert (seen.checkpoint, seen.target) == ("resunet-b2", "V")


def test_what_is_chosen_stands_in_the_url():
    app = _run(db="mitdb", rec="208")
    app.session_state["change"] = {"time": 30.0, "beat": 4}
    app.run()
    assert app.query_params["t"] == "30"
    assert app.query_params["beat"] == "4"
    assert "span" not in app.query_params


def test_another_record_starts_at_its_beginning():
    app = _run(db="mitdb", rec="208", t="95", beat="12", lead="V1")
    app.session_state["change"] = {"record": "100"}
    app.run()
    seen = app.session_state["seen"]
    assert (seen.record, seen.time, seen.beat, seen.lead) == ("100", 0.0, None, "")


def test_nonsense_in_the_url_is_left_out():
    seen = _run(t="-5", beat="x", span="inf").session_state["seen"]
    assert (seen.time, seen.beat, seen.span) == (0.0, None, 10.0)
    assert _run(t="1e400").session_state["seen"].time == 0.0


def test_what_could_not_be_read_is_told_until_something_else_is_looked_at(open_page):
    app = open_page("beats", beat="x", colour="red", t="5")
    told = "Not understood in the address and left out: beat=x, colour=red."
    assert [box.value.replace("\\", "") for box in app.warning if "address" in box.value] == [told]
    app.query_params["t"] = "6"
    app.run()
    assert not [box for box in app.warning if "address" in box.value]


def test_a_hand_edited_address_wins_over_the_session():
    app = _run(db="mitdb", rec="208")
    app.query_params["rec"] = "100"
    app.run()
    assert app.session_state["seen"].record == "100"


def _shown_script():
    import streamlit as st

    from ecgcore.ui.state import read_url, set_view, shown, write_url

    read_url()
    if st.session_state.pop("choose", False):
        set_view(record="208")
    shown(database="mitdb", record="100", beat=None)
    write_url()


def test_defaults_stand_in_the_url_until_something_is_chosen():
    app = AppTest.from_function(_shown_script).run()
    assert app.query_params == {"db": "mitdb", "rec": "100"}
    app.session_state["choose"] = True
    app.run()
    assert app.query_params == {"db": "mitdb", "rec": "208"}


def test_a_link_is_taken_whole():
    app = _run(db="mitdb", rec="208", beat="77", set="DS1", t="12345.678")
    assert app.query_params["t"] == "12345.678"
    app.query_params.clear()
    app.query_params.update({"db": "mitdb", "rec": "208"})
    app.run()
    seen = app.session_state["seen"]
    assert (seen.record, seen.beat, seen.scope, seen.time) == ("208", None, "", 0.0)
