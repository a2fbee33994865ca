"""How well people are recognised: identification among those known, and verification of a claim.

Identification is closed-set: everyone tested is among the people known. Rank k is the share of
beats, or of recordings, whose person is among the k likeliest. A person's vote is what most of
their beats say.

Verification: each beat, or recording, claims to be of each person in turn; the claim's score is
the log-probability that the network gives it, of a recording the mean over its beats. Claims of
the right person are genuine, all others impostors. The equal error rate (EER) is where as many
genuine claims are refused as impostors' are accepted (ISO/IEC 19795-1; linear between the two
thresholds around it). The impostors are people the network knows: of strangers it says nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from ecgcore.schema import DoubleArray, FloatArray, IntArray, StrArray

_LEAST: Final = 1e-30  # a probability of zero has no logarithm


@dataclass(frozen=True, kw_only=True)
class Ranks:
    """Figures of one kind of claims. Fractions, 0 to 1."""

    n: int
    rank_1: float
    rank_5: float
    eer: float


@dataclass(frozen=True, kw_only=True)
class Vote:
    """What a person's beats say together."""

    beats: int
    right: float  # share of them
    voted: str  # the person that most of them name


@dataclass(frozen=True, kw_only=True)
class Identification:
    """Whom the test beats are said to be of."""

    beats: Ranks
    recordings: Ranks
    people: dict[str, Vote]

    @property
    def right(self) -> int:
        """How many people their beats' votes name rightly."""
        return sum(vote.voted == name for name, vote in self.people.items())

    def table(self) -> dict[str, dict[str, Any]]:
        """Return each person's votes as plain values."""
        return {name: asdict(vote) for name, vote in self.people.items()}

    def to_json(self) -> dict[str, Any]:
        """Return plain figures; of the people the sums, so that means over seeds make sense."""
        count = len(self.people)
        return {
            "beats": asdict(self.beats),
            "recordings": asdict(self.recordings),
            "people": {
                "n": count,
                "right": self.right,
                "share": self.right / count if count else math.nan,
                "mean_right": float(np.mean([one.right for one in self.people.values()]))
                if count
                else math.nan,
            },
        }


def identify(
    truth: Mapping[str, StrArray], probability: Mapping[str, FloatArray], classes: tuple[str, ...]
) -> Identification:
    """Score recognition of people.

    ``truth``: by recording, whose each beat is (n,), all of one person among ``classes``;
    ``probability``: by recording (n, classes). Recordings without beats are left out.
    """
    there = [name for name in truth if truth[name].size]
    place = {name: index for index, name in enumerate(classes)}
    score = {name: np.log(np.maximum(probability[name], _LEAST), dtype=float) for name in there}
    owner = {name: str(truth[name][0]) for name in there}
    whose = {
        one: np.concatenate([score[name] for name in there if owner[name] == one])
        for one in dict.fromkeys(owner.values())
    }
    of_beats = [np.full(len(score[name]), place[owner[name]]) for name in there]
    width = len(classes)
    return Identification(
        beats=_ranks(_stack(list(score.values()), width), np.concatenate([*of_beats, _NONE])),
        recordings=_ranks(
            _stack([score[name].mean(axis=0, keepdims=True) for name in there], width),
            np.array([place[owner[name]] for name in there], dtype=np.int64),
        ),
        people={one: _vote(found, one, classes) for one, found in sorted(whose.items())},
    )


def rank_rate(score: DoubleArray, person: IntArray, rank: int) -> float:
    """Return the share of claims whose person (n,) is among the ``rank`` best of ``score`` (n, c).

    Of equal scores half count as better. NaN without claims.
    """
    if not len(score):
        return math.nan
    own = score[np.arange(len(score)), person][:, None]
    above = (score > own).sum(axis=1) + ((score == own).sum(axis=1) - 1) / 2
    return float((above < rank).mean())


def equal_error_rate(genuine: DoubleArray, impostor: DoubleArray) -> float:
    """Return the equal error rate of scores, higher for likelier claims; NaN where one is empty.

    A claim is accepted at a score of the threshold or above.
    """
    if not genuine.size or not impostor.size:
        return math.nan
    genuine, impostor = np.sort(genuine), np.sort(impostor)
    threshold = np.unique(np.concatenate((genuine, impostor)))
    refused = np.searchsorted(genuine, threshold, side="left") / genuine.size
    accepted = 1 - np.searchsorted(impostor, threshold, side="left") / impostor.size
    refused, accepted = np.append(refused, 1.0), np.append(accepted, 0.0)
    # From accepting everyone to refusing everyone the gap goes from -1 to 1: where it is crossed.
    gap = refused - accepted
    at = int(np.argmax(gap >= 0))
    share = -gap[at - 1] / (gap[at] - gap[at - 1])
    return float(refused[at - 1] + share * (refused[at] - refused[at - 1]))


_NONE: Final = np.empty(0, dtype=np.int64)


def _stack(parts: list[DoubleArray], width: int) -> DoubleArray:
    return np.concatenate([*parts, np.empty((0, width))])


def _ranks(score: DoubleArray, person: IntArray) -> Ranks:
    own = np.zeros(score.shape, dtype=np.bool_)
    own[np.arange(len(score)), person] = True
    return Ranks(
        n=len(score),
        rank_1=rank_rate(score, person, 1),
        rank_5=rank_rate(score, person, 5),
        eer=equal_error_rate(score[own], score[~own]),
    )


def _vote(score: DoubleArray, name: str, classes: tuple[str, ...]) -> Vote:
    said = score.argmax(axis=1)
    most = int(np.bincount(said, minlength=len(classes)).argmax())
    right = float((said == classes.index(name)).mean())
    return Vote(beats=len(score), right=right, voted=classes[most])
