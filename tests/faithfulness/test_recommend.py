"""Intervals over recordings, differences over the same beats, and the rule that recommends."""

import numpy as np
import pytest

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.faithfulness.recommend import failings, recommend, standing
from ecgcore.faithfulness.resampling import groups_of, interval

BEATS = [10, 10, 10, 10]


def test_the_interval_is_over_recordings():
    groups = groups_of(np.repeat(["b", "a"], 50))
    gain = np.repeat([1.0, 0.0], 50)
    assert groups.of == "recordings"
    assert groups.means(gain).tolist() == [0.0, 1.0]  # in the order of their names
    assert interval(groups.means(gain), groups.beats) == (0.0, 1.0)
    one = groups_of(np.full(100, "a"))  # one recording: over its beats
    assert one.of == "beats"
    low, high = interval(one.means(gain), one.beats)
    assert 0.3 < low < 0.5 < high < 0.7


def test_recordings_count_by_their_beats():
    low, high = interval(np.array([0.0, 1.0]), np.array([99, 1]))
    assert low == 0.0
    assert interval(np.array([0.5, 0.5]), np.array([99, 1])) == (0.5, 0.5)
    assert high == 1.0  # all draws of the small recording


def _found(gains, alike=0.1, stable=0.9):
    gains = np.broadcast_to(gains, len(BEATS))
    low, high = interval(np.asarray(gains, dtype=float), np.array(BEATS))
    return {
        "title": "M",
        "gain": float(np.mean(gains)),
        "gain_interval": [low, high],
        "group_gains": gains.tolist(),
        "better_than_random": low > 0,
        "randomisation_correlation": alike,
        "stability": stable,
    }


def test_the_largest_gain_that_passes_leads_where_all_others_are_less():
    methods = {
        "lime": _found(0.9, alike=0.7),
        "gradcam": _found(0.8, stable=0.4),
        "cam": _found([-1.2, 0.9, 1.0, 1.0]),
        "smoothgrad": _found(0.6, alike=None),
        "occlusion": _found(0.5, alike=-0.2, stable=0.6),
        "integrated-gradients": _found(0.4),
    }
    assert [bool(failings(one)) for one in methods.values()] == [True] * 4 + [False] * 2
    best = recommend(methods, BEATS)
    assert best["method"] == best["largest"] == "occlusion"
    assert best["as_good"] == {}
    assert "Of 6 methods 2 pass" in best["reason"]
    assert standing("integrated-gradients", best) == standing("lime", best) == ""
    assert standing("occlusion", best) == "recommended"
    alone = recommend({name: methods[name] for name in ("lime", "occlusion")}, BEATS)
    assert alone["method"] == "occlusion"
    assert "others" not in alone["reason"]  # none other passed, and that one's gain is larger
    none = recommend({"lime": methods["lime"]}, BEATS)
    assert none["method"] == none["largest"] == ""
    assert none["reason"] == "No method passes all of the rule's tests."


def test_the_difference_is_over_the_same_beats_not_over_two_intervals():
    # Both vary much from recording to recording, and together: each interval overlaps the other's,
    # the difference is the same on all.
    wide = np.array([0.1, 0.3, 0.5, 0.7])
    both = {"lime": _found(wide + 0.05), "occlusion": _found(wide)}
    assert both["occlusion"]["gain_interval"][1] > both["lime"]["gain_interval"][0]
    assert recommend(both, BEATS)["as_good"] == {}
    # Now one is better on some recordings and worse on others.
    both["occlusion"] = _found(wide + np.array([0.2, -0.2, 0.1, -0.1]))
    found = recommend(both, BEATS)
    (low, high) = found["as_good"]["occlusion"]
    assert low < 0 < high
    assert standing("lime", found) == "as good"
    assert found["method"] == "occlusion"  # as stable, and asks the network less often


@pytest.mark.parametrize(
    ("stable", "chosen"),
    [
        ({"lime": 0.9, "occlusion": 0.9, "lrp-epsilon": 0.9}, "lrp-epsilon"),  # the cheapest
        ({"lime": 0.9, "occlusion": 0.86, "lrp-epsilon": 0.7}, "occlusion"),  # of the most stable
        ({"lime": 0.9, "occlusion": 0.8, "lrp-epsilon": 0.7}, "lime"),  # the most stable
    ],
)
def test_of_those_as_good_the_most_stable_then_the_cheapest_is_taken(stable, chosen):
    spread = {"lime": [0.5] * 4, "occlusion": [0.7, 0.2] * 2, "lrp-epsilon": [0.2, 0.7] * 2}
    methods = {name: _found(spread[name], stable=value) for name, value in stable.items()}
    found = recommend(methods, BEATS)
    assert found["largest"] == "lime"
    assert set(found["as_good"]) == {"occlusion", "lrp-epsilon"}
    assert found["method"] == chosen
    assert "can't be told from it on the same beats" in found["reason"]


def test_every_method_says_how_often_it_asks_the_network():
    assert all(entry.passes >= 1 for entry in EXPLAINERS.values())
