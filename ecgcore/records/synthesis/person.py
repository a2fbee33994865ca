"""Who a synthetic recording is of: shapes, rhythm and disturbance of one person."""

from dataclasses import dataclass, field
from typing import Literal

from ecgcore.records.synthesis.noise import Noise
from ecgcore.records.synthesis.waves import Shape

Rhythm = Literal["(N", "(B", "(T", "(VT", "(AFIB", "(P"]


@dataclass(frozen=True, kw_only=True)
class Episode:
    """A stretch of another rhythm than the person's own, by its WFDB rhythm note."""

    rhythm: Rhythm
    start: float  # s
    stop: float  # s


@dataclass(frozen=True, kw_only=True)
class Person:
    """One synthetic person; the shares are chances of an ectopic beat at each sinus beat."""

    description: str
    age: int
    sex: Literal["F", "M"]
    minutes: float = 6.0
    rate: float = 70.0  # sinus beats a minute
    respiration: float = 0.25  # Hz
    sinus_arrhythmia: float = 0.03  # share of RR that follows respiration
    rhythm: Rhythm = "(N"
    shape: Shape
    symbol: Literal["N", "L", "R"] = "N"
    supraventricular: tuple[tuple[str, Shape], ...] = ()  # WFDB symbol and shape
    ventricular: tuple[Shape, ...] = ()
    s_share: float = 0.0
    v_share: float = 0.0
    f_share: float = 0.0
    unclear_share: float = 0.0  # beats in muscle noise that nobody could class: "Q"
    episodes: tuple[Episode, ...] = ()
    noise: Noise = field(default_factory=Noise)

    def rhythm_at(self, time: float) -> Rhythm:
        """Return the rhythm in force at ``time`` (s)."""
        for episode in self.episodes:
            if episode.start <= time < episode.stop:
                return episode.rhythm
        return self.rhythm
