"""Names that people give: of a layer, of themselves; and notes. Kept as text, shown as text."""

from typing import Final

from ecgcore.errors import LayerError

MAX_NAME: Final = 60
MAX_NOTE: Final = 1000


def checked_name(text: str, what: str) -> str:
    """Return a name without blanks around it. Raises LayerError for one that is none.

    Any alphabet is welcome; line breaks, control characters and marks that turn the direction of
    writing are not, because a name must read the same wherever it stands.
    """
    name = " ".join(text.split(" ")).strip()
    if not name:
        raise LayerError(f"Write {what}; it stands beside what is changed.")
    if len(name) > MAX_NAME:
        raise LayerError(f"{what[0].upper()}{what[1:]} has at most {MAX_NAME} letters.")
    if not name.isprintable() or not any(letter.isalnum() for letter in name):
        raise LayerError(
            f"{what[0].upper()}{what[1:]} needs a letter or a digit, and no line breaks or "
            "invisible characters."
        )
    return name


def checked_note(text: str) -> str:
    """Return a note without blanks around it. Raises LayerError for one that is too long."""
    note = text.strip()
    if len(note) > MAX_NOTE:
        raise LayerError(f"A note has at most {MAX_NOTE} letters; this one has {len(note)}.")
    if any(not letter.isprintable() and letter not in "\n\t" for letter in note):
        raise LayerError("A note may hold no control characters.")
    return note


def file_name(*parts: str) -> str:
    """Return parts joined as a name that any disk takes: letters, digits and hyphens."""
    joined = "-".join(parts)
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in joined)
    return "-".join(filter(None, plain.split("-")))[:100] or "layer"
