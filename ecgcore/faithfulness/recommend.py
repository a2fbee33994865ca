"""Which method is recommended for a checkpoint: by a rule, and never by hand.

1. Among are the methods that do better than a random order (the 95 % interval of their gain over
   recordings lies above 0), whose map changes with the weights (rank correlation with the map of
   the network without any of what it learnt at most ``MOST_ALIKE``) and stays with the beat
   (stability at least ``LEAST_STABLE``). None of them: none is recommended.
2. The largest gain leads. With it go those that the beats can't tell from it: the 95 % interval of
   the difference of the gains over the same beats, drawn by recordings, has 0 in it.
3. Of these, the most stable; of those within ``AS_STABLE`` of it, the one that asks the network
   least often (``ExplainerEntry.passes``); of equals, the largest gain.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.faithfulness.resampling import interval

MOST_ALIKE: Final = 0.5
LEAST_STABLE: Final = 0.5
AS_STABLE: Final = 0.05

Entry = dict[str, Any]


def failings(found: Mapping[str, Any]) -> list[str]:
    """Return what a method fails of the rule, in words; a figure that is not known fails."""
    failed = []
    if not found["better_than_random"]:
        failed.append("no better than a random order")
    alike, stable = found["randomisation_correlation"], found["stability"]
    if alike is None or not abs(alike) <= MOST_ALIKE:
        failed.append("hardly changes when the network forgets what it learnt")
    if stable is None or not stable >= LEAST_STABLE:
        failed.append("changes with a little noise or shift")
    return failed


def recommend(methods: Mapping[str, Entry], beats: Iterable[int], seed: int = 0) -> Entry:
    """Return the method to recommend by the rule, with what led to it.

    Parameters: the league's ``methods``; ``beats`` (G,) of each group that their ``group_gains``
    (G,) are means of. Returns ``method`` ("" for none), ``reason`` in sentences, ``largest``, the
    method with the largest gain, and ``as_good``, those that can't be told from it, each with the
    95 % interval of how much less its gain is.
    """
    count = np.array(list(beats), dtype=np.int64)
    passing = {name: one for name, one in methods.items() if not failings(one)}
    if not passing:
        return {
            "method": "",
            "reason": "No method passes all of the rule's tests.",
            "largest": "",
            "as_good": {},
        }
    first, *others = sorted(passing, key=lambda name: -passing[name]["gain"])
    gains = {name: np.array(one["group_gains"], dtype=np.float64) for name, one in passing.items()}
    behind = {name: interval(gains[first] - gains[name], count, seed) for name in others}
    as_good = {name: list(one) for name, one in behind.items() if one[0] <= 0}
    chosen = _preferred([first, *as_good], passing)
    return {
        "method": chosen,
        "reason": _reason(len(methods), passing, first, list(as_good), chosen),
        "largest": first,
        "as_good": as_good,
    }


def standing(method: str, recommended: Entry) -> str:
    """Return a method's place by what ``recommend`` returned: recommended, as good, or ""."""
    if method == recommended["method"]:
        return "recommended"
    as_good = method == recommended["largest"] or method in recommended["as_good"]
    return "as good" if as_good else ""


def _preferred(names: list[str], passing: Mapping[str, Entry]) -> str:
    most = max(passing[name]["stability"] for name in names)
    stable = [name for name in names if passing[name]["stability"] >= most - AS_STABLE]
    return min(stable, key=lambda name: (EXPLAINERS[name].passes, -passing[name]["gain"]))


def _reason(
    judged: int, passing: Mapping[str, Entry], first: str, as_good: list[str], chosen: str
) -> str:
    best = passing[first]
    low, high = best["gain_interval"]
    said = [
        f"Of {judged} methods {len(passing)} pass; {best['title']} has the largest gain: "
        f"{best['gain']:.2f} (95 % {low:.2f} to {high:.2f})."
    ]
    if not as_good:
        if len(passing) > 1:
            said.append("On the same beats all others' is less.")
        return " ".join(said)
    titles = [passing[name]["title"] for name in as_good]
    said.append(f"{_listed(titles)} can't be told from it on the same beats.")
    one, stable = passing[chosen], [passing[name]["stability"] for name in (first, *as_good)]
    if one["stability"] >= max(stable):
        said.append(f"Of these {one['title']} is the most stable ({one['stability']:.2f}).")
    else:
        said.append(
            f"Of these the most stable have {max(stable) - AS_STABLE:.2f} to {max(stable):.2f}, "
            f"and among them {one['title']} asks the network least often "
            f"(about {_times(EXPLAINERS[chosen].passes)} a map)."
        )
    return " ".join(said)


def _listed(words: list[str]) -> str:
    *early, last = words
    return f"{', '.join(early)} and {last}" if early else last


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"
