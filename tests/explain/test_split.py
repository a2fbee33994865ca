import numpy as np
import pytest
import torch
from captum.attr import ShapleyValues
from torch import nn

from ecgcore.errors import EcgError
from ecgcore.explain.attribution import Reference, default_reference
from ecgcore.explain.reference import own_channels, reference_of
from ecgcore.explain.split import shapley, split_decision
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.features.templates import median_beat
from ecgcore.models.network import Network
from ecgcore.models.registry import NETWORKS
from tests.make_record import make_checkpoint, make_record
from tests.models.tiny import TINY, tiny
from tests.tiny_networks import Convolutional, Patches


class Gate(Network):
    """The score is the mean of x times the one RR feature: neither does anything alone."""

    def __init__(self) -> None:
        super().__init__()
        self.classifier = nn.Linear(1, 1, bias=False)
        nn.init.ones_(self.classifier.weight)
        self.eval()

    def features(self, x):
        return x

    def embed(self, features, rr):
        return features.mean(dim=(1, 2))[:, None] * rr


def _reference(x, rr):
    generator = torch.Generator().manual_seed(1)
    return Reference(
        x=torch.randn(1, *x.shape[1:], generator=generator),
        rr=torch.randn(1, rr.shape[1], generator=generator),
    )


@pytest.mark.parametrize("name", sorted(TINY))
def test_the_parts_add_up_to_the_difference_from_the_reference(name):
    network, x, rr = tiny(name)
    away = _reference(x, rr)
    groups = tuple((k,) for k in range(x.shape[1]))
    target = torch.arange(4) % network.config.classes
    found, start, score = shapley(network, x, rr, target, away, groups)
    assert found.shape == (4, len(groups) + rr.shape[1])
    with torch.no_grad():
        one = network(x, rr).gather(1, target[:, None])[:, 0]
        none = network(away.x.expand_as(x), away.rr.expand_as(rr)).gather(1, target[:, None])[:, 0]
    torch.testing.assert_close(score, one, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(start, none, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(start + found.sum(dim=1), one, atol=1e-5, rtol=1e-4)


def test_of_a_linear_network_they_are_weight_times_distance():
    weight = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    x, rr = torch.randn(3, 2, 12), torch.randn(3, 2)
    away, target = _reference(x, rr), torch.tensor([0, 1, 1])
    found, _, _ = shapley(Patches(weight, (1,), rr=2), x, rr, target, away, ((0,), (1,)))
    torch.testing.assert_close(
        found[:, :2], weight[target] * (x - away.x).mean(dim=2), atol=1e-5, rtol=1e-4
    )
    torch.testing.assert_close(found[:, 2:], rr - away.rr, atol=1e-5, rtol=1e-4)


def test_what_two_do_together_is_shared_between_them():
    x, rr = torch.full((1, 1, 4), 3.0), torch.tensor([[2.0]])
    away = Reference(x=torch.zeros(1, 1, 4), rr=torch.zeros(1, 1))
    found, start, score = shapley(Gate(), x, rr, torch.tensor([0]), away, ((0,),))
    assert (start.item(), score.item()) == (0.0, 6.0)
    torch.testing.assert_close(found, torch.tensor([[3.0, 3.0]]))


def test_what_does_nothing_gets_nothing_and_the_groups_are_what_moves_together():
    network, x, rr = tiny("macnn-se")  # early RR rows only; late features are not looked at
    rr = torch.randn(4, 2)
    away, target = _reference(x, rr), torch.zeros(4, dtype=torch.int64)
    found, _, _ = shapley(network, x, rr, target, away, ((0,), (1, 2)))
    torch.testing.assert_close(found[:, 2:], torch.zeros(4, 2), atol=1e-6, rtol=0)
    assert (found[:, :2].abs() > 1e-6).all()


def test_they_are_captums_exact_shapley_values():
    network = Convolutional()
    x, rr = torch.randn(1, 2, 32), torch.randn(1, 2)
    away = _reference(x, rr)
    theirs = ShapleyValues(network).attribute(
        (x, rr),
        baselines=(away.x, away.rr),
        target=1,
        feature_mask=(torch.zeros_like(x, dtype=torch.int64), torch.tensor([[1, 2]])),
    )
    found, _, _ = shapley(network, x, rr, torch.tensor([1]), away, ((0, 1),))
    by_captum = torch.cat([theirs[0][:, 0, :1], theirs[1]], dim=1)
    torch.testing.assert_close(found, by_captum.float(), atol=1e-5, rtol=1e-3)


def test_too_many_players_are_refused():
    x, rr = torch.randn(1, 1, 4), torch.randn(1, 14)
    with pytest.raises(EcgError, match="15 parts"):
        shapley(Gate(), x, rr, torch.tensor([0]), _reference(x, rr), ((0,),))


SPECS = {
    "difference": InputSpec(rr=("pre", "log_pre_post"), points=64),
    "neighbours": InputSpec(
        channels=("difference", "previous", "next"), rr=("pre", "post"), points=64
    ),
    "early rows": InputSpec(channels=("raw", "rr_pre_global", "rr_pre_local"), points=64),
}


@pytest.mark.parametrize("kind", SPECS)
def test_a_beats_decision_has_words_and_adds_up(kind):
    spec = SPECS[kind]
    record, peaks = make_record()
    network = Convolutional(channels=len(spec.channels), rr=len(spec.rr))
    checkpoint = make_checkpoint(network, spec, ("N", "S", "V"))
    inputs = beat_inputs(record, peaks, spec)
    split = split_decision(checkpoint, inputs, 6, "S")
    assert split.target == "S"
    total = split.start + split.total("morphology") + split.total("rhythm")
    assert total == pytest.approx(split.score, abs=1e-4)
    with torch.no_grad():
        logits = network(torch.from_numpy(inputs.x[6:7]), torch.from_numpy(inputs.rr[6:7]))
    assert split.score == pytest.approx(logits[0, 1].item(), abs=1e-5)
    rhythm = [part for part in split.parts if part.kind == "rhythm"]
    assert len(rhythm) == (2 if kind == "early rows" else len(spec.rr))
    assert all(np.isfinite(part.value) and np.isfinite(part.usual) for part in rhythm)
    assert len({part.name for part in split.parts}) == len(split.parts)
    assert "median beat" in split.reference


def test_the_predicted_class_is_split_unless_another_is_named():
    record, peaks = make_record()
    spec = SPECS["difference"]
    checkpoint = make_checkpoint(Convolutional(channels=1), spec, ("N", "S", "V"))
    inputs = beat_inputs(record, peaks, spec)
    with torch.no_grad():
        logits = checkpoint.network(torch.from_numpy(inputs.x[:1]), torch.from_numpy(inputs.rr[:1]))
    assert split_decision(checkpoint, inputs, 0).target == "NSV"[int(logits.argmax())]
    with pytest.raises(EcgError, match="'Z'"):
        split_decision(checkpoint, inputs, 0, "Z")


def test_without_rhythm_there_is_nothing_to_split():
    record, peaks = make_record()
    spec = InputSpec(points=64)
    checkpoint = make_checkpoint(Convolutional(channels=1, rr=0), spec, ("N", "S", "V"))
    with pytest.raises(EcgError, match="no RR intervals"):
        split_decision(checkpoint, beat_inputs(record, peaks, spec), 0)


def test_the_reference_is_the_records_median_beat():
    record, peaks = make_record()
    spec = InputSpec(channels=("difference", "raw", "rr_pre_global"), scale="none", rr=("pre",))
    network = Convolutional(channels=3, rr=1)
    inputs = beat_inputs(record, peaks, spec)
    found = reference_of(make_checkpoint(network, spec, ("N", "S", "V")), inputs)
    assert not found.x[0, 0].any()
    np.testing.assert_allclose(found.x[0, 1], median_beat(inputs.beats), atol=1e-6)
    assert (found.x[0, 2] == 1).all()
    assert own_channels(spec) == (0, 1)


def test_the_reference_of_a_picture_is_the_picture_of_the_median_beat():
    record, peaks = make_record()
    spec = InputSpec(
        kind="spectrogram",
        channels=("raw",),
        spectrogram=SpectrogramSpec(length=0.1, overlap=0.5),
    )
    network, _, _ = tiny("identity-cnn")
    inputs = beat_inputs(record, peaks, spec)
    found = reference_of(make_checkpoint(network, spec, ("a", "b", "c")), inputs)
    assert found.x.shape == (1, *inputs.x.shape[1:])
    # the made beats are alike, so the median beat's picture is like every beat's
    alike = np.corrcoef(found.x.flatten(), inputs.x[5].ravel())[0, 1]
    assert alike > 0.5


@pytest.mark.parametrize("name", sorted(set(TINY) & set(NETWORKS)))
def test_the_default_reference_has_the_training_mean_where_it_was_learnt(name):
    network, x, rr = tiny(name)
    if rr.shape[1]:
        seen = torch.randn(30, rr.shape[1]) + 4
        network.standardise_rr(seen)
        torch.testing.assert_close(default_reference(network, x, rr).rr[0], seen.mean(dim=0))
    assert default_reference(network, x, rr).rr.shape == (1, rr.shape[1])
