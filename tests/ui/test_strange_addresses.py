"""An address that asks for what is not there: told in one sentence, and the usual is shown."""

import pytest

from ecgcore.ui import background
from tests.ui.seen import figure, finished


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tiny_demo):
    monkeypatch.setattr(background, "_PATIENCE_S", 60)


def _warned(app) -> list[str]:
    said = [box.value.replace("\\", "") for box in app.warning]
    told = ("instead", "goes without", "Not understood in the address")
    return [text for text in said if any(words in text for words in told)]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ({"beat": "x"}, "Not understood in the address and left out: beat=x."),
        ({"beat": "-4"}, "Not understood in the address and left out: beat=-4."),
        ({"beat": "999999"}, "There is no beat 999,999 here; beats are 0 to "),
        ({"target": "Z"}, "tiny knows no class 'Z'; the predicted class is explained instead"),
        ({"method": "magic"}, "There is no method 'magic'; there are: gradcam,"),
        ({"ckpt": "none"}, "There is no checkpoint 'none'. tiny is shown instead"),
        ({"ckpt": "../tiny"}, "There is no checkpoint '../tiny'. tiny is shown instead"),
        ({"trust": "maybe"}, "Not understood in the address and left out: trust=maybe."),
        ({"pre": "slow"}, "Not understood in the address and left out: pre=slow."),
        ({"beat": "0", "pre": "0.5"}, "There is no RR before the beat here"),
    ],
)
def test_explain_tells_of_each_and_goes_on(open_page, url, sentence):
    app = finished(open_page("explain", **{"ckpt": "tiny", **url}))
    (told,) = _warned(app)
    assert sentence in told
    assert figure(app, "saliency")["data"]
    titles = " ".join(box.proto.body for box in app.get("html"))
    assert "<h1>Explain</h1>" in titles
    assert "tiny" in titles  # the strip names what stands in


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ({"pre": "9999"}, "The RR before the beat can be 0.20 to 2.00 s here, not 9999 s; 2.00 s"),
        ({"post": "0.01"}, "The RR after the beat can be 0.20 to 2.00 s here, not 0.01 s; 0.20 s"),
    ],
)
def test_explain_tells_of_an_interval_that_it_has_to_cut(open_page, url, sentence):
    app = finished(open_page("explain", ckpt="tiny", beat="5", **url))
    told, changed = _warned(app)
    assert sentence in told
    assert changed.startswith("What if: RR")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ({"set": "DS9"}, "There is no set 'DS9' of "),
        ({"cell": "X>Y"}, "The matrix has no cell 'X>Y' with beats"),
        ({"by": "luck"}, "Errors can't be looked for by 'luck'; the matrix is shown instead"),
        ({"sort": "mood"}, "There is no order 'mood'; beats are in the usual one instead"),
        ({"where": "wrong;colour:red"}, "'colour:red' in the address asks for no beats"),
        ({"by": "map", "map": "globe"}, "There is no map 'globe'"),
        ({"rec": "demo03", "beat": "999999"}, "demo03 has no beat 999,999"),
        ({"ckpt": "none"}, "There is no checkpoint 'none'. tiny is shown instead"),
    ],
)
def test_compare_tells_of_each_and_goes_on(open_page, url, sentence):
    app = finished(open_page("compare", **{"ckpt": "tiny", "set": "all", **url}))
    (told,) = _warned(app)
    assert sentence in told
    assert figure(app, "triptych")["data"]


def test_a_recording_that_is_not_there_is_said_under_the_title(open_page):
    app = open_page("explain", ckpt="tiny", rec="nobody")
    assert any("no record" in box.value.replace("\\", "") for box in app.warning)
    assert "<h1>Explain</h1>" in " ".join(box.proto.body for box in app.get("html"))


def test_an_address_that_says_nothing_strange_is_not_remarked(open_page):
    url = {"ckpt": "tiny", "set": "all", "where": "any", "sort": "time", "trust": "False"}
    assert _warned(finished(open_page("compare", **url))) == []
    assert _warned(finished(open_page("explain", ckpt="tiny", target="V", beat="3"))) == []
