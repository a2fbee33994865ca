"""Text from files on a page: always escaped, because headers and comments are not ours."""

import html
import re
from typing import Final

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~:])")


def plain(text: str) -> str:
    """Return ``text`` so that Markdown shows it letter by letter (no links, images or HTML)."""
    return _MARKDOWN.sub(r"\\\1", text).replace("\n", " ")


def harmless(markdown: str) -> str:
    """Return Markdown that a stranger may have written, with its layout.

    Links, images and HTML show as text: an image would be fetched from wherever it lies. Brackets
    become entities, because a backslash before them could itself be escaped.
    """
    return markdown.replace("<", "&lt;").replace("[", "&#91;").replace("]", "&#93;")


def escaped(text: object) -> str:
    """Return ``text`` so that HTML shows it letter by letter."""
    return html.escape(str(text), quote=True)


def seconds(duration: float) -> str:
    """Return a duration as people say it: ``20 s``, ``30:06 min``, ``24:00:00 h``."""
    whole = round(duration)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{left:02d} h"
    return f"{minutes}:{left:02d} min" if minutes >= 2 else f"{whole} s"


def clock(position: float) -> str:
    """Return a position in a recording: ``0:05.2`` or ``1:02:03.4``."""
    tenths = round(position * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def counted(number: int, thing: str) -> str:
    """Return ``1 beat``, ``1,234 beats``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def signed(value: float, digits: int = 1) -> str:
    """Return ``+1.2`` or ``−0.3``, with a minus sign as wide as the plus."""
    return f"{value:+.{digits}f}".replace("-", "−")


def number(value: float, digits: int = 2) -> str:
    """Return ``1.23`` or ``−0.31``, with a minus sign as wide as a digit."""
    return f"{value:.{digits}f}".replace("-", "−")
