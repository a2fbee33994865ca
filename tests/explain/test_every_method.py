"""What every explainer keeps to, on every registered network."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from ecgcore.errors import EcgError
from ecgcore.explain.attribution import default_reference
from ecgcore.explain.registry import EXPLAINERS, explain
from tests.models.tiny import TINY, tiny

EVERY = pytest.mark.parametrize("name", sorted(TINY))
METHOD = pytest.mark.parametrize("method", sorted(EXPLAINERS))
# Those that tell how the score is made up.
SHARING = ("cam", "integrated-gradients", "lrp-epsilon", "lrp-alpha-beta")


# Every pair of a method and a network that it does not refuse.
PAIR = pytest.mark.parametrize(
    ("method", "name"),
    [
        (method, name)
        for name in sorted(TINY)
        for method in EXPLAINERS
        if not EXPLAINERS[method].refuses(tiny(name)[0])
    ],
)


def _explained(method, name, batch=3):
    network, x, rr = tiny(name, batch)
    target = torch.arange(batch) % network.config.classes
    return network, x, rr, target, explain(method, network, x, rr, target)


@METHOD
@EVERY
def test_a_map_on_the_inputs_own_axes(method, name):
    network, x, rr, target = (*tiny(name, 3), torch.tensor([0, 1, 2]))
    if reason := EXPLAINERS[method].refuses(network):
        with pytest.raises(EcgError) as refused:
            explain(method, network, x, rr, target)
        assert str(refused.value) == reason
        return
    before = {key: value.clone() for key, value in network.state_dict().items()}
    seen = x.clone()
    found = explain(method, network, x, rr, target)
    assert found.map.shape == (3, *x.shape[2:])
    assert found.values.shape[1] in (1, x.shape[1])
    assert torch.isfinite(found.values).all()
    assert found.values.any()
    assert EXPLAINERS[method].signed or found.values.min() >= 0
    assert not found.values.requires_grad
    assert found.rr is None or found.rr.shape == rr.shape
    # nothing is left behind
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert all(p.grad is None for p in network.parameters())
    assert not network.training
    assert not any(m._forward_hooks or m._backward_hooks for m in network.modules())
    assert torch.equal(x, seen)
    assert not x.requires_grad


@PAIR
def test_a_beat_is_explained_alike_alone_and_among_others(method, name):
    network, x, rr, target, together = _explained(method, name)
    for k in range(3):
        one = explain(method, network, x[k : k + 1], rr[k : k + 1], target[k : k + 1])
        largest = together.values[k].abs().max().clamp_min(1e-9)
        torch.testing.assert_close(
            one.values[0] / largest, together.values[k] / largest, atol=1e-3, rtol=1e-3
        )


@PAIR
def test_the_parts_add_up_to_the_score(method, name):
    network, x, rr, target, found = _explained(method, name)
    assert (found.start is not None) == (method in SHARING)
    if found.start is None:
        return
    with torch.no_grad():
        logit = network(x, rr).gather(1, target[:, None])[:, 0]
    total = found.start + found.values.flatten(1).sum(dim=1) + found.rest
    if found.rr is not None:
        total = total + found.rr.sum(dim=1)
    torch.testing.assert_close(total, logit, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found.score, logit, atol=1e-5, rtol=1e-4)


def test_a_method_that_shares_out_the_score_has_a_word_for_the_rest():
    assert {method for method, entry in EXPLAINERS.items() if entry.rest} == set(SHARING)


@METHOD
def test_four_threads_on_one_network_get_what_one_gets(method):
    name = "cnn-gap" if method == "cam" else "resunet-b2"
    network, _, _ = tiny(name)
    generator = torch.Generator().manual_seed(0)
    rr = torch.randn(2, network.config.rr_features, generator=generator)
    jobs = [torch.randn(2, 1, 64, generator=generator) for _ in range(12)]
    target = torch.tensor([0, 1])
    alone = [explain(method, network, x, rr, target).values for x in jobs]
    with ThreadPoolExecutor(4) as pool:
        shared = list(pool.map(lambda x: explain(method, network, x, rr, target).values, jobs))
    for one, other in zip(alone, shared, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-3)


def test_methods_of_all_kinds_side_by_side_don_t_disturb_the_network():
    """LRP changes how layers are called, in its own thread only."""
    network, x, rr = tiny("resunet-b2", 2)
    target = torch.tensor([0, 1])
    with torch.no_grad():
        plain = network(x, rr)
    methods = [m for m in EXPLAINERS if m != "cam"] * 3

    def work(method):
        explain(method, network, x, rr, target)
        with torch.no_grad():
            return network(x, rr)

    with ThreadPoolExecutor(4) as pool:
        for logits in pool.map(work, methods):
            torch.testing.assert_close(logits, plain, rtol=0, atol=1e-6)


@METHOD
def test_it_works_where_gradients_are_switched_off(method):
    name = "cnn-gap" if method == "cam" else "macnn-hybrid"
    network, x, rr = tiny(name, 2)
    target = torch.tensor([0, 1])
    with torch.no_grad():
        without = explain(method, network, x, rr, target).values
    torch.testing.assert_close(without, explain(method, network, x, rr, target).values)


@METHOD
def test_a_network_in_training_is_refused(method):
    network, x, rr = tiny("cnn-gap" if method == "cam" else "resunet-b2", 2)
    network.train()
    with pytest.raises(ValueError, match="evaluation mode"):
        explain(method, network, x, rr, torch.tensor([0, 1]))
    assert network.training


@METHOD
def test_another_network_gives_another_map(method):
    name = "cnn-gap" if method == "cam" else "resunet-b2"
    network, x, rr = tiny(name, 2)
    target = torch.tensor([0, 1])
    first = explain(method, network, x, rr, target).values
    torch.manual_seed(5)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.2 * torch.randn_like(weight))
    assert not torch.allclose(first, explain(method, network, x, rr, target).values, atol=1e-5)


@METHOD
def test_no_beats_give_no_maps(method):
    network, x, rr = tiny("cnn-gap" if method == "cam" else "resunet-b2", 2)
    empty = explain(method, network, x[:0], rr[:0], torch.empty(0, dtype=torch.int64))
    assert empty.map.shape == (0, 128)


@pytest.mark.parametrize("method", [m for m, e in EXPLAINERS.items() if e.compares])
def test_a_beat_that_is_the_reference_has_nothing_to_explain(method):
    network, x, rr = tiny("resunet-b2", 2)
    usual = default_reference(network, x, rr)
    found = explain(
        method, network, usual.x.expand_as(x), usual.rr.expand_as(rr), torch.tensor([0, 1]), usual
    )
    torch.testing.assert_close(found.values, torch.zeros_like(found.values), atol=1e-6, rtol=0)


def test_an_unknown_method_names_those_there_are():
    network, x, rr = tiny("resunet", 1)
    with pytest.raises(EcgError, match="lrp-epsilon"):
        explain("tea-leaves", network, x, rr, torch.tensor([0]))
