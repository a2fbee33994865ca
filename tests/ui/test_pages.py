"""One list of pages: navigation, Home and README follow it."""

import re
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from ecgcore.ui import pages
from ecgcore.ui.pages import PAGES

ROOT = Path(__file__).resolve().parents[2]
NAMES = [entry.name for entry in PAGES]


def test_every_page_is_in_the_navigation_in_that_order(monkeypatch):
    made = []
    monkeypatch.setattr(st, "Page", lambda file, **_: made.append(file))
    pages.streamlit_pages()
    assert [file.stem for file in made] == NAMES
    assert sorted(NAMES) == sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


def test_home_has_a_card_for_each_other_page_in_that_order(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    app = open_page("home")
    links = [link.proto.page for link in app.get("page_link")]
    assert links == NAMES[1:]
    told = [box.value for box in app.caption]
    assert [text for text in told if text in {entry.card for entry in PAGES}] == [
        entry.card for entry in PAGES[1:]
    ]


def test_the_readme_lists_them_in_that_order():
    table = (ROOT / "README.md").read_text().partition("## The pages")[2].partition("\n## ")[0]
    titles = re.findall(r"^\| \[([^\]]+)\]\(docs/images/(\w+)\.png\)", table, re.MULTILINE)
    assert titles == [(entry.title, entry.name) for entry in PAGES[1:]]


def test_pages_are_compiled_as_they_are_written():
    """Streamlit's rewriting of pages fails where threads do it at once; see the configuration."""
    app = AppTest.from_string(
        "import streamlit\nstreamlit.text('a call')\n'a bare expression'"
    ).run()
    assert [text.value for text in app.text] == ["a call"]
    assert not app.markdown
