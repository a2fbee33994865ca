"""Randomised weights, noise and shift, rank correlation."""

import copy
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.faithfulness.cases import cases_of, maps_of, take_rows
from ecgcore.faithfulness.pieces import importance, per_piece, pieces_of
from ecgcore.faithfulness.randomise import cascade
from ecgcore.faithfulness.ranks import mean, rank_correlation
from ecgcore.faithfulness.stability import stability, variants_of
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.features.spectrogram import SpectrogramSpec
from tests.faithfulness.linear import linear_cases
from tests.make_record import make_checkpoint, make_record
from tests.models.tiny import TINY, tiny
from tests.tiny_networks import Convolutional, Patches


def test_rank_correlation_is_spearmans_with_ties():
    generator = torch.Generator().manual_seed(0)
    one = torch.randint(0, 5, (8, 32), generator=generator).float()
    other = torch.rand(8, 32, generator=generator) + 0.2 * one
    found = rank_correlation(one, other)
    by_scipy = [spearmanr(a, b).statistic for a, b in zip(one, other, strict=True)]
    np.testing.assert_allclose(found, by_scipy, atol=1e-12)
    np.testing.assert_allclose(rank_correlation(one, torch.exp(one)), 1)


def test_an_even_map_has_no_order_to_keep_and_keeps_none():
    even, other = torch.ones(1, 32), torch.rand(1, 32)
    assert np.isnan(rank_correlation(even, other)).all()
    assert rank_correlation(other, even).tolist() == [0.0]
    assert mean(np.array([np.nan, 0.5, 0.7])) == pytest.approx(0.6)
    assert np.isnan(mean(np.array([np.nan])))


@pytest.mark.parametrize("name", sorted(TINY))
def test_weights_are_lost_from_the_last_layer_to_the_first_on_copies(name):
    network, x, rr = tiny(name, 2)
    before = copy.deepcopy(network.state_dict())
    levels = cascade(network, x, rr)
    after = network.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert not any(m._forward_hooks for part in levels for m in part.network.modules())
    assert [one.share for one in levels] == sorted({one.share for one in levels})
    assert levels[-1].share == 1

    def changed(one):
        theirs = one.network.state_dict()
        return {key for key in before if not torch.equal(before[key], theirs[key])}

    assert "classifier.weight" in changed(levels[0])
    first = {key for key in changed(levels[0]) if not key.startswith("classifier")}
    assert not first
    for one, other in pairwise(levels):
        assert changed(one) <= changed(other)
    assert changed(levels[0]) < changed(levels[-1])
    # every weight matrix is lost in the end; what a shuffle can't move are tensors all alike
    lost = changed(levels[-1])
    assert {k for k, p in network.named_parameters() if p.unique().numel() > 8} <= lost
    assert not lost & {k for k, _ in network.named_buffers()}
    for key in lost:  # the same numbers, elsewhere
        assert torch.equal(
            before[key].flatten().sort().values,
            levels[-1].network.state_dict()[key].flatten().sort().values,
        )


def test_the_same_seed_shuffles_alike_and_another_does_not():
    network, x, rr = tiny("resunet-b2", 2)
    one, same, other = (cascade(network, x, rr, seed=seed)[-1].network(x, rr) for seed in (0, 0, 1))
    torch.testing.assert_close(one, same)
    assert not torch.allclose(one, other)


def test_a_randomised_network_changes_the_map():
    network, cases = linear_cases()
    piece = pieces_of((64,))
    levels = cascade(network, cases.x, cases.rr)
    for method in ("integrated-gradients", "lime", "occlusion"):
        first = per_piece(importance(method, maps_of(method, network, cases)), piece)
        last = per_piece(importance(method, maps_of(method, levels[-1].network, cases)), piece)
        assert abs(mean(rank_correlation(first, last))) < 0.4


SPECS = {
    "waveform": InputSpec(points=64, rr=("pre",), channels=("difference", "previous")),
    "spectrogram": InputSpec(
        kind="spectrogram",
        points=64,
        channels=("raw",),
        spectrogram=SpectrogramSpec(length=0.15, overlap=0.8, max_frequency=40.0),
    ),
}


@pytest.mark.parametrize("kind", SPECS)
def test_variants_change_the_beat_itself_and_nothing_else(kind):
    record, peaks = make_record()
    inputs = beat_inputs(record, peaks, SPECS[kind])
    stacked = inputs.stacked.copy()
    rows = np.array([7, 3])
    found = variants_of(inputs, rows, (0,))
    assert np.array_equal(inputs.stacked, stacked)
    whole = torch.from_numpy(take_rows(inputs, rows))
    for x in (*found.noisy, *found.moved):
        assert x.shape == whole.shape
        assert not torch.equal(x[:, 0], whole[:, 0])
        assert torch.equal(x[:, 1:], whole[:, 1:])  # the beat before, where it is shown
    assert not torch.equal(*found.noisy)
    if kind == "waveform":
        usual = np.sqrt((stacked[inputs.beats.usable, 0] ** 2).mean())
        noise = (found.noisy[0] - whole)[:, 0]
        assert float(noise.std()) == pytest.approx(0.05 * usual, rel=0.25)
        # two samples are 2 / 360 s of a window of 0.86 s in 63 steps
        np.testing.assert_allclose(found.columns[1], 2 / 360 / 0.86 * 63, rtol=0.02)
        later = np.interp(np.arange(64) + found.columns[1][0], np.arange(64), stacked[7, 0])
        np.testing.assert_allclose(found.moved[1][0, 0], later, atol=1e-5)


def test_a_map_that_follows_the_beat_is_stable_and_a_map_of_noise_is_not(monkeypatch):
    record, peaks = make_record()
    spec = InputSpec(points=64, channels=("raw",), scale="none")
    checkpoint = make_checkpoint(Patches(torch.tensor([[1.0], [-1.0]]), (1,)), spec, ("up", "down"))
    inputs = beat_inputs(record, peaks, spec)
    walk = np.random.default_rng(0).normal(size=(len(inputs), 64)).cumsum(axis=1)
    beats = replace(inputs.beats, waveform=walk.astype(np.float32))
    inputs = replace(inputs, stack=replace(inputs.stack, beats=beats))
    rows = np.array([4, 9, 12])
    cases = cases_of(checkpoint, inputs, rows, np.zeros(3, np.int64))
    variants, piece = variants_of(inputs, rows, (0,)), pieces_of((64,))
    whole = maps_of("lrp-epsilon", checkpoint.network, cases)
    held = stability("lrp-epsilon", checkpoint.network, cases, variants, whole, piece)
    assert (held.shift > 0.95).all()
    assert (held.noise > 0.9).all()

    generator = torch.Generator().manual_seed(0)

    def noise(method, network, cases):
        return torch.rand(cases.x[:, 0].shape, generator=generator)

    monkeypatch.setattr("ecgcore.faithfulness.stability.maps_of", noise)
    held = stability("lrp-epsilon", checkpoint.network, cases, variants, whole, piece)
    assert (np.abs(held.both) < 0.4).all()


@pytest.mark.parametrize("method", [m for m, one in EXPLAINERS.items() if one.swaps])
def test_methods_that_swap_pieces_leave_the_other_channels(method):
    """A network that hears the beat before alone has nothing to tell of the beat itself."""
    record, peaks = make_record()
    spec = InputSpec(points=64, channels=("raw", "previous"), scale="none")
    network = Convolutional(channels=2, rr=0)
    with torch.no_grad():
        network.body[0].weight[:, 0] = 0
    checkpoint = make_checkpoint(network, spec, ("N", "S", "V"))
    cases = cases_of(checkpoint, beat_inputs(record, peaks, spec), np.array([5, 6]))
    assert maps_of(method, network, cases).abs().max() < 1e-5


def test_some_beats_of_cases_are_those_beats():
    _, cases = linear_cases()
    some = cases.some(np.array([4, 1]))
    assert torch.equal(some.x, cases.x[[4, 1]])
    assert torch.equal(some.ordinary, cases.ordinary[[4, 1]])
    assert len(replace(cases, x=cases.x[:0])) == 0
