from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.dsp.qrs import rhythm
from ecgcore.dsp.qrs.rhythm import likeliest, usual_rhythm
from ecgcore.dsp.qrs.thinning import strongest


def by_hand(position: np.ndarray, log_odds: np.ndarray, beats: np.ndarray) -> float:
    """Return the best total of any sequence, tried one by one."""
    usual, scatter = usual_rhythm(position, beats)
    best = -np.inf
    for chosen in range(1, 1 << position.size):
        at = [k for k in range(position.size) if chosen >> k & 1]
        best = max(best, total(at, position, log_odds, usual, scatter))
    return best


def total(at, position, log_odds, usual, scatter) -> float:
    value = float(sum(log_odds[at] - rhythm.COMMON))
    for a, b in pairwise(at):
        interval = position[b] - position[a]
        if interval < rhythm.REFRACTORY:
            return -np.inf
        width = np.clip(scatter[b], *rhythm.SCATTER)
        share, broad = rhythm.ECTOPIC
        far = np.log(interval / usual[b])
        density = (1 - share) / width * np.exp(-((far / width) ** 2) / 2)
        density += share / broad * np.exp(-((far / broad) ** 2) / 2)
        likelier = density / np.sqrt(2 * np.pi) / interval / rhythm.CROWDED
        value += rhythm.WEIGHT * np.log(likelier + rhythm.RARE)
    return value


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9))
def test_no_sequence_is_likelier(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    position = np.cumsum(rng.integers(6, 40, count))
    log_odds = np.clip(rng.normal(0, 3, count), -5.9, 5.9).astype(np.float32)  # none SURE
    beats = position[::2]
    chosen = likeliest(position, log_odds, beats)
    ours = total(list(chosen), position, log_odds, *usual_rhythm(position, beats))
    np.testing.assert_allclose(ours, by_hand(position, log_odds, beats), rtol=1e-6)


def test_groups_join_without_a_seam() -> None:
    """A long steady rhythm of doubtful beats between doubtful bumps: all beats, no bump."""
    beats = 50 + 50 * np.arange(1000)
    position = np.sort(np.concatenate((beats, beats + 22)))
    log_odds = np.full(position.size, 0.2, dtype=np.float32)
    log_odds[::2] += 0.4
    chosen = likeliest(position, log_odds, beats)
    np.testing.assert_array_equal(position[chosen], beats)


def test_a_missing_beat_is_found_where_it_is_due() -> None:
    position = 50 * np.arange(1, 41)
    log_odds = np.full(40, 6.0, dtype=np.float32)
    log_odds[20] = -1.0
    assert 20 in likeliest(position, log_odds, np.delete(position, 20))
    early = position.copy()
    early[20] -= 30  # as faint, but where no beat is due
    assert 20 not in likeliest(early, log_odds, np.delete(early, 20))


def test_nothing_comes_of_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert likeliest(none, none.astype(np.float32), none).size == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), max_size=60))
def test_the_strongest_stay(events: list[tuple[int, int]]) -> None:
    position = np.cumsum([gap for gap, _ in events]).astype(np.int64)
    strength = np.array([size for _, size in events], dtype=np.float32)
    kept = strongest(position, strength, 13)
    assert (np.diff(position[kept]) >= 13).all()
    left = set(range(position.size))
    expected = []
    while left:  # the definition, event by event
        first = min(left, key=lambda k: (-strength[k], k))
        expected.append(first)
        left = {k for k in left if abs(int(position[k]) - int(position[first])) >= 13}
    np.testing.assert_array_equal(kept, sorted(expected))
