"""The authors' figures, as printed: ``configs/published.toml``."""

import tomllib
from dataclasses import dataclass
from typing import Any

from ecgcore.errors import EcgError
from ecgcore.settings import settings


@dataclass(frozen=True, kw_only=True)
class Published:
    """One table as its authors print it."""

    source: str
    notes: tuple[str, ...]  # what is known of the figures, and must stand beside them
    rows: dict[str, dict[str, float]]  # row -> figure (names with dots) -> percent
    ours: tuple[str, ...] = ()  # in what all our rows depart from the authors'
    unreproducible: tuple[str, ...] = ()  # what can't be had again, and why

    def of(self, row: str, figure: str) -> float | None:
        """Return a figure as a fraction, None where none is printed."""
        value = self.rows.get(row, {}).get(figure)
        return None if value is None else value / 100


def published(experiment: str) -> Published:
    """Return the printed figures of an experiment; empty where there are none.

    Raises EcgError when the file is missing or broken.
    """
    path = settings().config_dir / "published.toml"
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        plain = found.get(experiment, {})
        return Published(
            source=str(plain.get("source", "")),
            notes=tuple(map(str, plain.get("notes", ()))),
            ours=tuple(map(str, plain.get("ours", ()))),
            unreproducible=tuple(map(str, plain.get("unreproducible", ()))),
            rows={
                row: {figure: float(value) for figure, value in figures.items()}
                for row, figures in plain.get("rows", {}).items()
            },
        )
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EcgError(
            f"The published figures in {path} can't be read ({error}); restore the file."
        ) from None
