import html

from hypothesis import given
from hypothesis import strategies as st

from ecgcore.ui.text import clock, escaped, harmless, plain, seconds, signed


@given(st.text())
def test_escaped_text_holds_no_tags_and_reads_the_same(text):
    assert "<" not in escaped(text)
    assert html.unescape(escaped(text)) == text


def test_markdown_of_a_stranger_is_shown_letter_by_letter():
    assert plain("![x](http://e.org/p.png)") == r"\!\[x\]\(http\://e\.org/p\.png\)"
    assert "\n" not in plain("# a\n# b")


@given(st.text(alphabet="![]()<>\\\\ax:/\n"))
def test_a_cards_text_can_hold_no_image_link_or_html(text):
    shown = harmless(text)
    assert not set(shown) & set("[]<")
    assert html.unescape(shown) == html.unescape(text)


def test_a_cards_layout_stays():
    card = "# Title\n\n| a | b |\n|---|---|\n| 1 | **2** |\n"
    assert harmless(card) == card
    assert "![" not in harmless("![x](https://e.example/p.png)")


def test_signs_are_of_one_width():
    assert (signed(1.26), signed(-0.34), signed(-2, 0)) == ("+1.3", "−0.3", "−2")


def test_durations_and_positions():
    assert seconds(20) == "20 s"
    assert seconds(1805.6) == "30:06 min"
    assert seconds(86_400) == "24:00:00 h"
    assert clock(5.24) == "0:05.2"
    assert clock(59.96) == "1:00.0"
    assert clock(3723.4) == "1:02:03.4"
