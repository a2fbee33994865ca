"""The guide's texts: Markdown files of our own, one a topic, one an explainer."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).with_name("guide")
TOPICS: Final = {
    "methods": "The ten methods",
    "rhythm": "Shape or rhythm?",
    "clusters": "Clusters in time",
    "trust": "Can a map be trusted?",
    "errors": "Finding errors",
    "glossary": "Glossary",
}


def topic_text(topic: str) -> str:
    """Return the text of a topic other than the methods."""
    return (_FOLDER / f"{topic}.md").read_text(encoding="utf-8")


def method_text(method: str) -> str:
    """Return the text of an explainer by its name in the registry."""
    return (_FOLDER / "methods" / f"{method}.md").read_text(encoding="utf-8")
