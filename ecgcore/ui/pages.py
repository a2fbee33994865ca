"""The pages, their titles and their order: the one list.

Navigation and Home are made from it, and a test holds the README to it.
"""

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
    card: str = ""  # what one finds there, as Home tells it

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
        card="What is on this machine, and PhysioNet databases to fetch.",
    ),
    PageEntry(
        name="signal",
        title="Signal",
        icon=":material/ecg_heart:",
        question="What does the recording look like, and where are its R-peaks?",
        card="Page through the recording, raw beside filtered; see where annotated and "
        "detected R-peaks disagree.",
    ),
    PageEntry(
        name="detectors",
        title="Detectors",
        icon=":material/compare_arrows:",
        question="Where do two R-peak detectors differ, and which one is right?",
        card="Two R-peak detectors side by side: where they differ, who is right.",
    ),
    PageEntry(
        name="beats",
        title="Beats & RR",
        icon=":material/monitor_heart:",
        question="How do beats differ in shape and in rhythm?",
        card="Beats aligned on their R-peak, mean and spread by class; tachogram, Poincaré "
        "plot, feature table.",
    ),
    PageEntry(
        name="hrv",
        title="HRV",
        icon=":material/cardiology:",
        question="How does the heart rate vary, from beat to beat and over the day?",
        card="Heart rate variability: spectrum, Poincaré plot, measures by the Task Force, trends.",
    ),
    PageEntry(
        name="spectrogram",
        title="Spectrogram",
        icon=":material/graphic_eq:",
        question="Which frequencies does the signal hold, and when?",
        card="Short-time Fourier transform of any stretch, or of one beat.",
    ),
    PageEntry(
        name="train",
        title="Train",
        icon=":material/school:",
        question="How does a network learn with these settings, and what will it cost?",
        card="Choose a network and how it learns, see what it costs; live curves, run beside run.",
    ),
    PageEntry(
        name="models",
        title="Models",
        icon=":material/model_training:",
        question="Which trained models are there, and how far can they be trusted?",
        card="The trained models: what they see, how they were tested, where they fail.",
    ),
    PageEntry(
        name="explain",
        title="Explain",
        icon=":material/lightbulb:",
        question="Which part of the beat spoke for this class?",
        card="Ten methods, Grad-CAM and kin, over a beat for any class; can the map be trusted?",
    ),
    PageEntry(
        name="compare",
        title="Compare",
        icon=":material/compare:",
        question="Why was this beat taken for another class?",
        card="Find the errors that cost most; set a wrong beat beside right ones until the "
        "reason shows; review labels.",
    ),
    PageEntry(
        name="batch",
        title="Batch",
        icon=":material/stacks:",
        question="What do many recordings hold, and which of them stand out?",
        card="Many recordings at once: which stand out by their beats, rhythm or signal.",
    ),
    PageEntry(
        name="results",
        title="Results",
        icon=":material/leaderboard:",
        question="How do published systems do when all are tested alike?",
        card="Published tables beside ours, by one protocol, and on whom each figure hangs.",
    ),
    PageEntry(
        name="guide",
        title="Guide",
        icon=":material/menu_book:",
        question="What does each method do, and what must not be read into it?",
        card="Each method in plain words, with its limits, and a glossary.",
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
