"""A layer on the Signal page, made and pointed at as a person does."""

import re

from ecgcore.layers import store
from ecgcore.storage.engine import app_database


def strip(app):
    return next(box.value for box in app.get("html") if "bl-strip" in box.value)


def beats(app):
    return int(re.search(r"([\d,]+) beats", strip(app))[1].replace(",", ""))


def make(app, person="Ann"):
    """Make a layer of the recording's own annotations, as a person does; return its id."""
    app.segmented_control(key="signal_panel").set_value("Layers").run()
    app.text_input(key="person_box").set_value(person).run()
    app.button(key="layer_make").click().run()
    return app.query_params["layer"]


def at(app, layer, index=4):
    """Point at a beat of the layer; return its mark."""
    found = store.layer_state(app_database(), layer)
    sample = int(found.annotations("x").beats()[0][index])
    app.session_state["cursor"] = sample / store.get_layer(app_database(), layer).fs
    app.run()
    return found.mark_at(sample)
