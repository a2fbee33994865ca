"""The held-out bias: what was shifted is shifted back; nothing is moved for nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.training import prior as module
from ecgcore.training.prior import held_out_bias

CLASSES = ("N", "S", "V", "F")
STEPS = st.sampled_from(module._STEPS["S"]), st.sampled_from(module._STEPS["V"])


def _beats(seed: int = 0, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and calibrated logits: each class's, plus noise of its likelihood."""
    rng = np.random.default_rng(seed)
    label = rng.choice(4, count, p=(0.7, 0.1, 0.15, 0.05))
    x = 3 * np.eye(4)[label] + rng.normal(0, 1, (count, 4))
    return label, x


def _softmax(x: np.ndarray) -> np.ndarray:
    odds = np.exp(x - x.max(axis=1, keepdims=True))
    return (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)


def _figure(label: np.ndarray, x: np.ndarray) -> float:
    said = x.argmax(axis=1)
    f1 = [
        2 * np.sum((said == k) & (label == k)) / max(1, np.sum(said == k) + np.sum(label == k))
        for k in range(3)
    ]
    return float(np.mean(f1))


def test_what_was_shifted_is_shifted_back() -> None:
    """A margin of six makes any other shift a loss: beats beyond it would go wrong."""
    rng = np.random.default_rng(0)
    label = rng.choice(4, 2000)
    right = rng.uniform(0.05, 3.0, 2000)  # how far a beat's class is ahead of the others
    x = right[:, None] * np.eye(4)[label]
    for s, v in ((1.0, 0.0), (0.5, -0.5), (1.25, 0.5), (-0.5, 0.5)):
        shifted = x + np.array([0, s, v, 0])
        bias = held_out_bias(label, [_softmax(shifted)], CLASSES)
        assert bias.tolist() == [0, -s, -v, 0]


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), shift=st.tuples(*STEPS))
def test_no_pair_of_the_grid_is_better_and_other_classes_stay(seed, shift) -> None:
    label, x = _beats(seed, 400)
    x = x + np.array([0, *shift, 0])
    bias = held_out_bias(label, [_softmax(x)], CLASSES)
    assert bias[0] == bias[3] == 0
    log = np.log(np.maximum(_softmax(x), 1e-12))
    figures = {
        (s, v): _figure(label, log + np.array([0, s, v, 0]))
        for s in module._STEPS["S"]
        for v in module._STEPS["V"]
    }
    assert figures[(bias[1], bias[2])] == pytest.approx(max(figures.values()), abs=1e-6)


def test_nothing_to_gain_gives_zeros() -> None:
    label = np.arange(40) % 4
    sure = 20 * np.eye(4)[label]
    assert held_out_bias(label, [_softmax(sure)], CLASSES).tolist() == [0, 0, 0, 0]


def test_the_order_of_classes_and_of_seeds_does_not_matter() -> None:
    label, x = _beats()
    x = x + np.array([0, 0.8, -0.4, 0])
    noise = np.random.default_rng(9).normal(0, 0.5, x.shape)
    seeds = [_softmax(x), _softmax(x + noise)]
    bias = held_out_bias(label, seeds, CLASSES)
    assert bias.any()
    assert held_out_bias(label, seeds[::-1], CLASSES).tolist() == bias.tolist()
    order = [2, 3, 0, 1]
    names = tuple(CLASSES[k] for k in order)
    place = np.argsort(order)[label]
    moved = held_out_bias(place, [one[:, order] for one in seeds], names)
    assert moved.tolist() == bias[order].tolist()


@pytest.mark.parametrize("classes", [("N", "V"), ("N", "S"), ("S", "V"), ("ann", "bob")])
def test_without_all_of_n_s_v_nothing_is_moved(classes) -> None:
    label = np.arange(20) % 2
    chance = np.full((20, 2), 0.5, dtype=np.float32)
    assert held_out_bias(label, [chance], classes).tolist() == [0, 0]


def test_a_class_that_no_one_held_out_has_is_no_fault() -> None:
    label, x = _beats()
    known = label != 1
    bias = held_out_bias(label[known], [_softmax(x[known])], CLASSES)
    assert np.isfinite(bias).all()
