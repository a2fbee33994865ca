"""When each synthetic beat comes, and of what kind: a sinus node, and what breaks into it.

The sinus node is a clock whose interval follows respiration (respiratory sinus arrhythmia), the
0.1 Hz vasomotor wave and a slow drift, as in the heart-rate spectra of Task Force of the ESC and
NASPE, Eur. Heart J. 17, 1996. A ventricular beat does not reach that clock: the sinus beat that
finds the ventricles refractory is lost and the next one comes on schedule (full compensatory
pause). A supraventricular beat resets it, so that its pause is shorter than that.
"""

from dataclasses import dataclass

import numpy as np

from ecgcore.records.synthesis.person import Person, Rhythm
from ecgcore.records.synthesis.shapes import paced
from ecgcore.records.synthesis.waves import Shape, Waves, fuse, scaled, stretched

PACED_INTERVAL_S = 60 / 70
_CAPTURE_S = 0.035  # sinus and pacemaker closer than this share the ventricles
_REFRACTORY_S = 0.40
_REFERENCE_RR_S = 60 / 70  # the rate at which the shapes are drawn
_NOTE_S = 0.2  # how far before its first beat a rhythm is noted
_TAIL_S = 0.6  # no R-peak so close to the end of the recording


@dataclass(frozen=True, kw_only=True)
class Beat:
    """What one activation adds to the signal; without a symbol it is a P wave alone."""

    time: float  # s, of the R-peak (of the one that was blocked, for a P wave alone)
    symbol: str
    waves: Waves


@dataclass(frozen=True, kw_only=True)
class RhythmChange:
    """Where a rhythm begins: shortly before its first beat."""

    time: float  # s
    rhythm: Rhythm


def heart_beats(person: Person, rng: np.random.Generator) -> tuple[list[Beat], list[RhythmChange]]:
    """Return the person's beats in order of time, and where the rhythm changes."""
    heart = _Heart(person, rng)
    while heart.next_time() < person.minutes * 60 - _TAIL_S:
        heart.step()
    return sorted(heart.beats, key=lambda beat: beat.time), heart.changes


class _Heart:
    def __init__(self, person: Person, rng: np.random.Generator) -> None:
        self.person = person
        self.rng = rng
        self.beats: list[Beat] = []
        self.changes: list[RhythmChange] = []
        self.rhythm: Rhythm = person.rhythm
        self.phase = rng.uniform(0, 2 * np.pi, 3)
        self.sinus = float(rng.uniform(0.4, 0.9))  # s, the next sinus beat's R-peak
        self.last = self.sinus - 60 / person.rate  # s, the last beat of the ventricles
        self.mean_rr = 60 / person.rate  # s, what QT has adapted to
        self.regular = 0  # beats since the last ectopic one
        self.paced = paced()

    def next_time(self) -> float:
        if self.person.rhythm_at(self.sinus) == "(P":
            return min(self.sinus, self.last + PACED_INTERVAL_S)
        return self.sinus

    def interval(self, time: float) -> float:
        """Return the sinus interval (s) that starts at ``time``."""
        person = self.person
        breath, vasomotor, drift = self.phase
        change = (
            person.sinus_arrhythmia * np.sin(2 * np.pi * person.respiration * time + breath)
            + 0.015 * np.sin(2 * np.pi * 0.095 * time + vasomotor)
            + 0.04 * np.sin(2 * np.pi * time / 170 + drift)
            + 0.006 * self.rng.standard_normal()
        )
        return float(60 / person.rate * (1 + change))

    def step(self) -> None:
        """Let the next beat happen, whatever it is."""
        self.rhythm = self.person.rhythm_at(self.next_time())
        match self.rhythm:
            case "(AFIB":
                self.fibrillating()
            case "(P":
                self.pacemaker()
            case "(VT":
                self.tachycardia()
            case "(B":
                self.ventricular() if self.regular >= 1 else self.sinus_beat()
            case "(T":
                self.ventricular() if self.regular >= 2 else self.sinus_beat()
            case _:
                self.sinus_or_ectopic()

    def sinus_or_ectopic(self) -> None:
        person = self.person
        shares = (person.s_share, person.v_share, person.f_share, person.unclear_share)
        draw = int(np.searchsorted(np.cumsum(shares), self.rng.random(), side="right"))
        if self.regular < 3:  # two regular intervals between ectopic beats keep pauses plain
            draw = len(shares)
        match draw:
            case 0:
                self.premature_atrial()
            case 1:
                self.ventricular()
            case 2:
                self.fusion()
            case 3:
                self.unclear()
            case _:
                self.sinus_beat()

    def emit(self, time: float, symbol: str, shape: Shape) -> None:
        """Record a beat of the ventricles."""
        if not self.changes or self.changes[-1].rhythm != self.rhythm:
            self.changes.append(RhythmChange(time=time - _NOTE_S, rhythm=self.rhythm))
        rr = time - self.last
        self.mean_rr += 0.15 * (float(np.clip(rr, 0.4, 1.4)) - self.mean_rr)
        # Bazett's square root, which for the T peak is close enough at these rates.
        t = stretched(shape.t, float(np.clip(self.mean_rr / _REFERENCE_RR_S, 0.6, 1.4) ** 0.5))
        breath = np.sin(2 * np.pi * self.person.respiration * time + self.phase[0])
        size = 1 + 0.04 * breath + 0.012 * self.rng.standard_normal()
        self.beats.append(
            Beat(time=time, symbol=symbol, waves=scaled(shape.p + shape.qrs + t, float(size)))
        )
        self.last = time
        self.regular = self.regular + 1 if symbol in "NLR" else 0

    def blocked_p(self) -> None:
        """Draw the P wave of a sinus beat that the ventricles don't answer."""
        self.beats.append(Beat(time=self.sinus, symbol="", waves=self.person.shape.p))

    def sinus_beat(self, symbol: str | None = None, shape: Shape | None = None) -> None:
        time = self.sinus
        self.sinus += self.interval(time)
        self.emit(time, symbol or self.person.symbol, shape or self.person.shape)

    def premature_atrial(self) -> None:
        rr = self.sinus - self.last
        symbol, shape = self.person.supraventricular[
            int(self.rng.integers(len(self.person.supraventricular)))
        ]
        time = self.last + max(rr * float(self.rng.uniform(0.58, 0.76)), 0.42)
        self.sinus = time + self.interval(time) * float(self.rng.uniform(1.02, 1.14))
        self.emit(time, symbol, shape)

    def ventricular(self) -> None:
        rr = self.sinus - self.last
        kinds = self.person.ventricular
        shape = kinds[int(self.rng.choice(len(kinds), p=_mostly_first(len(kinds))))]
        time = self.last + max(rr * float(self.rng.normal(0.60, 0.03)), 0.42)
        self.blocked_p()
        self.sinus += self.interval(self.sinus)
        self.emit(time, "V", shape)

    def fusion(self) -> None:
        shape = fuse(
            self.person.shape, self.person.ventricular[0], float(self.rng.uniform(0.35, 0.6))
        )
        self.sinus_beat("F", shape)

    def unclear(self) -> None:
        # A shape between all others: wide, small, its P lost.
        base = self.person.shape
        shape = Shape(
            qrs=scaled(stretched(base.qrs, float(self.rng.uniform(1.5, 2.2))), 0.55),
            t=scaled(base.t, -0.4),
        )
        self.sinus_beat("Q", shape)

    def tachycardia(self) -> None:
        self.emit(self.last + float(self.rng.normal(0.37, 0.008)), "V", self.person.ventricular[0])
        # The run conducts backwards and resets the sinus node; while it lasts no P is seen.
        episode_goes_on = self.person.rhythm_at(self.last + 0.37) == "(VT"
        self.sinus = self.last + (0.37 if episode_goes_on else self.interval(self.last) * 1.1)

    def fibrillating(self) -> None:
        # The AV node lets through what it can: no order, none closer than its own refractory time.
        rr = float(np.clip(60 / self.person.rate * self.rng.lognormal(0, 0.28), 0.36, 1.6))
        time = self.last + rr
        wide = self.rng.random() < self.person.v_share and self.regular >= 2
        bare = Shape(qrs=self.person.shape.qrs, t=self.person.shape.t)
        if wide:
            self.emit(time, "V", self.person.ventricular[0])
        else:
            self.emit(time, self.person.symbol, bare)
        self.sinus = self.last + rr

    def pacemaker(self) -> None:
        # Demand pacing of the ventricle (VVI): it fires when nothing came for its interval.
        pace = self.last + PACED_INTERVAL_S
        if self.sinus - self.last < _REFRACTORY_S:
            self.blocked_p()
            self.sinus += self.interval(self.sinus)
        elif abs(self.sinus - pace) < _CAPTURE_S:
            self.sinus += self.interval(self.sinus)
            self.emit(pace, "f", fuse(self.person.shape, self.paced, 0.5))
        elif self.sinus < pace:
            self.sinus_beat()
        else:
            self.emit(pace, "/", self.paced)


def _mostly_first(n: int) -> list[float]:
    return [1.0] if n == 1 else [0.75] + [0.25 / (n - 1)] * (n - 1)
