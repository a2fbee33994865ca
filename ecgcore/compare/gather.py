"""Predictions of many recordings, gathered while a page looks on (``ecgcore.background``).

What was classified stays on disk (``training.store``), so cancelling loses nothing and starting
anew takes up what is there. One recording that can't be classified stops no other.
"""

import logging
from dataclasses import dataclass
from typing import Final

from ecgcore.background import Cancelled, Report, part_of
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.database import Database
from ecgcore.schema import Predictions
from ecgcore.training.store import ANNOTATED, stored_predictions

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class GatherKey:
    """Names a gathering: a state of a checkpoint, and states of recordings."""

    checkpoint: str
    digest: str
    database: str
    records: tuple[tuple[str, str], ...]  # (name, digest)
    source: str = ANNOTATED
    lead: str | None = None
    partial: tuple[str, ...] = ()  # those cut short, of which what is there is taken


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """What was gathered of a set."""

    key: GatherKey
    found: tuple[Predictions, ...] = ()  # in the order asked
    failed: tuple[tuple[str, str], ...] = ()  # (recording, sentence)

    @property
    def total(self) -> int:
        """Recordings asked for."""
        return len(self.key.records)


def gather(key: GatherKey, checkpoint: Checkpoint, database: Database, report: Report) -> Gathered:
    """Return the predictions of a set; ``report`` is told how far it is, and may end it."""
    found: list[Predictions] = []
    failed: list[tuple[str, str]] = []
    total = len(key.records)
    for number, (name, _) in enumerate(key.records):
        place = f"{number + 1} of {total}, {name}" if total > 1 else name
        prefix = f"{place}: " if total > 1 else ""
        report(number / total, place)
        try:
            found.append(
                stored_predictions(
                    checkpoint,
                    database,
                    name,
                    source=key.source,
                    lead=key.lead,
                    partial=name in key.partial,
                    inputs_too=True,
                    report=part_of(report, number / total, (number + 1) / total, prefix),
                )
            )
        except EcgError as error:
            failed.append((name, str(error)))
        except Cancelled:
            raise
        except Exception:
            _log.exception("classifying %s/%s with %s", key.database, name, key.checkpoint)
            failed.append((name, f"{name} could not be classified; the log tells why."))
    report(1.0, "")
    return Gathered(key=key, found=tuple(found), failed=tuple(failed))
