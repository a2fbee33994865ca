"""Deletion and insertion of networks whose curves are known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgcore.faithfulness.cases import maps_of
from ecgcore.faithfulness.curves import STEPS, area, curves, deletion_curves, random_curves, share
from ecgcore.faithfulness.pieces import (
    energy,
    importance,
    per_piece,
    pieces_of,
    random_orders,
    ranked,
)
from tests.faithfulness.linear import linear_cases
from tests.models.tiny import SHAPE, TINY, tiny
from tests.tiny_networks import Patches


def test_a_linear_networks_curves_are_the_ones_worked_out_by_hand():
    network, cases = linear_cases()
    piece = pieces_of((64,))  # two points a piece
    order = random_orders(6, 32, seed=3, orders=2)[:, 0]
    found = curves(network, cases, piece, order)
    weight = network.classifier.weight[0]
    part = (weight * (cases.x - cases.ordinary)[:, 0]).view(6, 32, 2).sum(dim=2)
    start = (weight * cases.ordinary[:, 0]).sum(dim=1)
    taken = part.gather(1, order).cumsum(dim=1)  # logits by the first k pieces
    zero = torch.zeros(6, 1)
    taken = torch.cat([zero, taken], dim=1)
    deletion = torch.sigmoid(start[:, None] + part.sum(dim=1, keepdim=True) - taken)
    insertion = torch.sigmoid(start[:, None] + taken)
    np.testing.assert_allclose(found.deletion, deletion, atol=1e-5)
    np.testing.assert_allclose(found.insertion, insertion, atol=1e-5)
    np.testing.assert_allclose(found.gain, area(insertion.numpy()) - area(deletion.numpy()), 1e-4)


def test_the_true_weights_map_is_the_best_order_there_is():
    network, cases = linear_cases()
    piece = pieces_of((64,))
    true = (network.classifier.weight[0] * (cases.x - cases.ordinary)[:, 0])[:, None]
    best = curves(network, cases, piece, ranked(per_piece(true[:, 0], piece)))
    worst = curves(network, cases, piece, ranked(-per_piece(true[:, 0], piece)))
    orders = random_orders(6, 32, seed=1, orders=40)
    random = random_curves(deletion_curves(network, cases, piece, orders))
    assert (best.deletion_auc[:, None] < random.deletion_auc).all()
    assert (best.insertion_auc[:, None] > random.insertion_auc).all()
    np.testing.assert_allclose(worst.gain, -best.gain, atol=1e-6)


@pytest.mark.parametrize("method", ["integrated-gradients", "lrp-epsilon", "occlusion", "lime"])
def test_methods_that_know_the_reference_find_that_order(method):
    network, cases = linear_cases()
    piece = pieces_of((64,))
    orders = random_orders(6, 32, seed=1, orders=40)
    random = random_curves(deletion_curves(network, cases, piece, orders))
    value = per_piece(importance(method, maps_of(method, network, cases)), piece)
    found = curves(network, cases, piece, ranked(value))
    assert (found.gain[:, None] > random.gain).mean() > 0.95


def test_a_random_order_beside_its_reverse_has_no_gain():
    network, cases = linear_cases()
    orders = random_orders(6, 32, orders=10)
    found = random_curves(deletion_curves(network, cases, pieces_of((64,)), orders))
    np.testing.assert_allclose(found.gain.mean(axis=1), 0, atol=1e-7)
    assert area(found.deletion).mean() == pytest.approx(area(found.insertion).mean())
    # what is inserted by one is deleted by the other backwards
    one = curves(network, cases, pieces_of((64,)), orders[:, 0])
    np.testing.assert_allclose(found.insertion[:, 0], one.insertion, atol=1e-6)


@pytest.mark.parametrize("name", sorted(TINY))
def test_the_ends_are_the_beat_and_the_ordinary_beat(name):
    """Of every network: waveforms, pictures and those with RR features, which stay."""
    network, x, rr = tiny(name)
    cases = replace(
        linear_cases(4)[1],
        x=x,
        rr=rr,
        target=torch.arange(4) % network.config.classes,
        reference=linear_cases(4)[1].reference.__class__(
            x=torch.randn_like(x), rr=torch.randn_like(rr)
        ),
    )
    piece = pieces_of(tuple(x.shape[2:]))
    pieces = int(piece.max()) + 1
    found = curves(network, cases, piece, random_orders(4, pieces, orders=2)[:, 0])
    assert found.deletion.shape == (4, STEPS + 1)
    rows = torch.arange(4)
    whole = torch.softmax(network(x, rr), 1)[rows, cases.target].detach()
    mixed = x.clone()
    mixed[:, 0] = cases.reference.x[:, 0]  # the other channels and RR features are as they were
    gone = torch.softmax(network(mixed, rr), 1)[rows, cases.target].detach()
    for curve, first, last in ((found.deletion, whole, gone), (found.insertion, gone, whole)):
        np.testing.assert_allclose(curve[:, 0], first, atol=1e-5)
        np.testing.assert_allclose(curve[:, -1], last, atol=1e-5)
    assert SHAPE.get(name, (1, 128))[0] == x.shape[1]


def test_a_picture_is_deleted_by_tiles():
    piece = pieces_of((20, 30))
    assert int(piece.max()) + 1 == 64
    assert piece[0, 0] == 0
    assert piece[-1, -1] == 63
    weight = torch.tensor([[2.0], [0.0]])
    network, cases = Patches(weight, (1, 1)), linear_cases(2)[1]
    x = torch.rand(2, 1, 16, 16)
    reference = cases.reference.__class__(x=torch.zeros_like(x), rr=torch.empty(2, 0))
    cases = replace(cases, x=x, rr=torch.empty(2, 0), reference=reference)
    piece = pieces_of((16, 16))
    found = curves(network, cases, piece, ranked(per_piece(x[:, 0], piece)))
    tiles = per_piece(x[:, 0], piece).sort(dim=1, descending=True).values
    left = 2 * (tiles.sum(dim=1) - tiles[:, :32].sum(dim=1)) / 64
    np.testing.assert_allclose(found.deletion[:, STEPS // 2], torch.sigmoid(left), atol=1e-5)


def test_equal_values_stand_in_random_order_and_others_by_size():
    even = ranked(torch.zeros(1, 32))
    assert not torch.equal(even[0], torch.arange(32))
    assert sorted(even[0].tolist()) == list(range(32))
    value = torch.tensor([[0.0, 3.0, 0.0, 5.0, 1.0]])
    assert ranked(value)[0, :3].tolist() == [3, 1, 4]


def test_a_slope_matters_by_its_size_and_a_share_by_its_sign():
    values = torch.tensor([[-2.0, 1.0]])
    assert importance("smoothgrad", values).tolist() == [[2.0, 1.0]]
    assert importance("lrp-epsilon", values).tolist() == [[-2.0, 1.0]]


def test_energy_is_the_distance_from_the_ordinary_beat():
    _, cases = linear_cases()
    found = energy(cases, pieces_of((64,)))
    away = (cases.x - cases.reference.x)[:, 0].view(6, 32, 2)
    torch.testing.assert_close(found, (away**2).mean(dim=2))


def test_area_is_over_the_share():
    assert area(np.ones((3, STEPS + 1), np.float32)).tolist() == [1.0, 1.0, 1.0]
    assert area(share().astype(np.float32)) == pytest.approx(0.5)
