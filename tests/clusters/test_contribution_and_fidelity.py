"""What clusters contributed, and whether a forest that sees only them says the same."""

import numpy as np
import pytest
import torch

from ecgcore.clusters.contribution import contributions
from ecgcore.clusters.fidelity import fidelity, forest_views
from ecgcore.clusters.measure import Seen, measure_fidelity
from ecgcore.models.registry import NETWORKS
from tests.models.tiny import tiny

EVERY = pytest.mark.parametrize("name", sorted(NETWORKS))


def _soft(beats, columns, count, seed=0):
    share = np.random.default_rng(seed).random((beats, columns, count)).astype(np.float32)
    return share / share.sum(axis=-1, keepdims=True)


def _found(name, count=4, target=1):
    network, x, rr = tiny(name)
    soft = _soft(len(x), x.shape[-1], count)
    with torch.no_grad():
        far = network.features(5 * torch.randn_like(x)).mean(dim=0).numpy()
    return network, x, rr, contributions(network, x.numpy(), rr.numpy(), target, soft, far)


@EVERY
def test_contributions_sum_to_the_log_odds(name):
    network, x, rr, found = _found(name)
    with torch.no_grad():
        probability = torch.softmax(network(x, rr), dim=1)[:, 1]
    np.testing.assert_allclose(
        found.score, torch.log(probability / (1 - probability)).numpy(), atol=1e-4
    )
    assert found.clusters.shape == (len(x), 4)
    change = found.score - found.ordinary_score
    assert np.abs(change).max() > 1e-3
    np.testing.assert_allclose(
        found.clusters.sum(axis=1), change, atol=0.02 * np.abs(change).max() + 1e-3
    )


def test_a_linear_head_gives_gradient_times_features():
    network, x, rr = tiny("cnn-gap")
    soft = _soft(len(x), x.shape[-1], 3)
    with torch.no_grad():
        features = network.features(x)
        mean = features.mean(dim=0)
        two = network.classifier.weight[:2].clone()
    network.classifier = torch.nn.Linear(features.shape[1], 2)
    with torch.no_grad():
        network.classifier.weight.copy_(two)
    found = contributions(network, x.numpy(), rr.numpy(), 0, soft, mean.numpy())
    # Of two classes, the log odds are the difference of the logits: linear in the features.
    per_point = torch.einsum("c,bct->bt", two[0] - two[1], features - mean) / x.shape[-1]
    expected = torch.einsum("bt,btk->bk", per_point, torch.from_numpy(soft))
    np.testing.assert_allclose(found.clusters, expected.detach().numpy(), atol=1e-4)


def test_a_cluster_that_is_nowhere_contributes_nothing():
    network, x, rr = tiny("resunet-b2")
    soft = np.zeros((len(x), x.shape[-1], 3), np.float32)
    soft[..., 0] = 1
    with torch.no_grad():
        mean = network.features(x).mean(dim=0).numpy()
    found = contributions(network, x.numpy(), rr.numpy(), 0, soft, mean)
    assert np.abs(found.clusters[:, 1:]).max() == 0
    np.testing.assert_allclose(
        found.clusters[:, 0], found.score - found.ordinary_score, rtol=0.05, atol=5e-3
    )


def test_the_mean_beat_has_nothing_to_contribute():
    network, x, rr = tiny("macnn-mhca")
    with torch.no_grad():
        mine = network.features(x[:1])[0].numpy()
    soft = _soft(1, x.shape[-1], 3)
    found = contributions(network, x[:1].numpy(), rr[:1].numpy(), 2, soft, mine)
    np.testing.assert_allclose(found.clusters, 0, atol=1e-5)
    np.testing.assert_allclose(found.score, found.ordinary_score, atol=1e-5)


def _classed(n, seed, informative=True):
    """Return proportions (n, 8, 3) of which the class is the cluster that leads in part 2."""
    rng = np.random.default_rng(seed)
    share = rng.random((n, 8, 3)).astype(np.float32)
    share /= share.sum(axis=-1, keepdims=True)
    label = share[:, 2].argmax(axis=1) if informative else rng.integers(0, 3, n)
    return share, label.astype(np.int64)


def test_a_forest_finds_what_the_clusters_hold_and_nothing_where_they_hold_nothing():
    for informative, low, high in ((True, 0.75, 1.01), (False, 0.0, 0.45)):
        fit, known = _classed(600, 0, informative)
        test, truth = _classed(300, 1, informative)
        views = (forest_views(x, np.empty((len(x), 0)))["proportions_in_time"] for x in (fit, test))
        one, other = views
        found = fidelity(one, known, other, truth, ("a", "b", "c"))
        assert low < found.agreement < high
        assert found.majority == pytest.approx(0.33, abs=0.07)
        assert found.majority_macro_f1 < found.majority
        assert found.beats == 300


def test_where_in_the_beat_matters_is_lost_by_the_proportions_alone():
    (fit, known), (test, truth) = _classed(500, 0), _classed(250, 1)
    rr = np.zeros((500, 2), np.float32)
    seen = [
        Seen(proportions=x, entropy=np.zeros(len(x), np.float32), rr=rr[: len(x)], label=y)
        for x, y in ((fit, known), (test, truth))
    ]
    found = measure_fidelity(*seen, ("a", "b", "c"))
    views = found["views"]
    assert set(views) == {
        "proportions",
        "proportions_in_time",
        "proportions_and_rr",
        "proportions_in_time_and_rr",
    }
    assert views["proportions_in_time"]["agreement"] > views["proportions"]["agreement"] + 0.1
    assert set(found["entropy"]) == {"a", "b", "c"}


def test_saying_one_class_scores_the_majority_and_a_low_macro_f1():
    x = np.zeros((100, 2), np.float32)
    label = np.repeat([0, 1], [90, 10])
    found = fidelity(x, label, x, label, ("N", "V"), trees=5)
    assert found.agreement == found.majority == pytest.approx(0.9)
    assert found.macro_f1 == pytest.approx(0.9 / 1.9)  # F1 of N is 1.8/1.9, that of V is 0
    assert found.per_class == {"N": 1.0, "V": 0.0}
