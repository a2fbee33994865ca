"""The pages, their titles and their order: the one list."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.navigation.page import Page

_FOLDER: Final = Path(__file__).resolve().parents[2] / "pages"


@dataclass(frozen=True, kw_only=True)
class PageEntry:
    """One page: its file in ``pages/`` is its address too."""

    name: str
    title: str
    icon: str
    question: str  # what the page answers, in one sentence

    @property
    def file(self) -> Path:
        """The page's script."""
        return _FOLDER / f"{self.name}.py"


PAGES: Final = (
    PageEntry(name="home", title="Home", icon=":material/home:", question="What can I do here?"),
    PageEntry(
        name="data",
        title="Data",
        icon=":material/database:",
        question="Which recordings are there, and which can be fetched?",
    ),
    PageEntry(
        name="signal",
        title="Signal",
        icon=":material/ecg_heart:",
        question="What does the recording look like, and where are its R-peaks?",
    ),
    PageEntry(
        name="detectors",
        title="Detectors",
        icon=":material/compare_arrows:",
        question="Where do two R-peak detectors differ, and which one is right?",
    ),
    PageEntry(
        name="beats",
        title="Beats & RR",
        icon=":material/monitor_heart:",
        question="How do beats differ in shape and in rhythm?",
    ),
    PageEntry(
        name="hrv",
        title="HRV",
        icon=":material/cardiology:",
        question="How does the heart rate vary, from beat to beat and over the day?",
    ),
    PageEntry(
        name="spectrogram",
        title="Spectrogram",
        icon=":material/graphic_eq:",
        question="Which frequencies does the signal hold, and when?",
    ),
    PageEntry(
        name="train",
        title="Train",
        icon=":material/school:",
        question="How does a network learn with these settings, and what will it cost?",
    ),
    PageEntry(
        name="models",
        title="Models",
        icon=":material/model_training:",
        question="Which trained models are there, and how far can they be trusted?",
    ),
    PageEntry(
        name="batch",
        title="Batch",
        icon=":material/stacks:",
        question="What do many recordings hold, and which of them stand out?",
    ),
    PageEntry(
        name="results",
        title="Results",
        icon=":material/leaderboard:",
        question="How do published systems do when all are tested alike?",
    ),
    PageEntry(
        name="explain",
        title="Explain",
        icon=":material/lightbulb:",
        question="Which part of the beat spoke for this class?",
    ),
    PageEntry(
        name="compare",
        title="Compare",
        icon=":material/compare:",
        question="Why was this beat taken for another class?",
    ),
    PageEntry(
        name="guide",
        title="Guide",
        icon=":material/menu_book:",
        question="What does each method do, and what must not be read into it?",
    ),
)
BY_NAME: Final = {entry.name: entry for entry in PAGES}


def streamlit_pages() -> list[Page]:
    """Return the pages that exist, for ``st.navigation``.

    Without their icons: Streamlit would make the shown page's the browser's icon too and have the
    browser fetch it from another machine.
    """
    return [
        st.Page(
            entry.file,
            title=entry.title,
            url_path=entry.name,
            default=entry.name == "home",
        )
        for entry in PAGES
        if entry.file.exists()
    ]


def go_to(name: str) -> None:
    """Show another page, keeping what is looked at. Not for use in a callback."""
    st.switch_page(BY_NAME[name].file)
