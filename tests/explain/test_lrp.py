import pytest
import torch
from captum.attr import LRP
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule
from torch import nn

from ecgcore.errors import EcgError
from ecgcore.explain.attribution import Reference, default_reference
from ecgcore.explain.lrp import lrp_alpha_beta, lrp_epsilon
from ecgcore.explain.lrp_rules import RelevanceRules
from ecgcore.models.network import Network
from tests.models.tiny import TINY, tiny

EVERY = pytest.mark.parametrize("name", sorted(TINY))


class Plain(Network):
    """Convolution, ReLU, pooling, ReLU, mean, linear; with or without biases."""

    def __init__(self, *, bias: bool = True, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.body = nn.Sequential(
            nn.Conv1d(2, 6, 5, padding=2, bias=bias),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.Conv1d(6, 4, 3, padding=1, bias=bias),
            nn.ReLU(),
            nn.AvgPool1d(16),
            nn.Flatten(),
        )
        self.classifier = nn.Linear(4, 3, bias=bias)
        self.eval()

    def features(self, x):
        return self.body(x)[:, :, None]

    def embed(self, features, rr):  # noqa: ARG002
        return features[:, :, 0]

    def sequence(self) -> nn.Sequential:
        """Return the same layers as captum wants them, without ours being touched."""
        copy = Plain(bias=self.classifier.bias is not None)
        copy.load_state_dict(self.state_dict())
        return nn.Sequential(*copy.body, copy.classifier).eval()


def _nothing(x, rr):
    return Reference(x=torch.zeros_like(x[:1]), rr=torch.zeros_like(rr[:1]))


def _moved(name, batch=3):
    """Return a tiny network whose normalisations do something, as after training."""
    network, x, rr = tiny(name, batch)
    torch.manual_seed(3)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
    if rr.shape[1]:
        network.standardise_rr(torch.randn(50, rr.shape[1]) + 1)
    return network, x, rr


@EVERY
@pytest.mark.parametrize("rule", [None, (2.0, 1.0), (1.0, 0.0)])
def test_the_rules_leave_what_the_network_says_as_it_is(name, rule):
    network, x, rr = _moved(name)
    with torch.no_grad():
        plain = network(x, rr)
    with RelevanceRules(len(x), 0.05, rule):
        ruled = network(x.requires_grad_(), rr.requires_grad_())
    torch.testing.assert_close(ruled.detach(), plain, atol=1e-5, rtol=1e-4)


@EVERY
@pytest.mark.parametrize("method", [lrp_epsilon, lrp_alpha_beta])
def test_relevance_is_conserved(name, method):
    network, x, rr = _moved(name)
    target = torch.arange(3) % network.config.classes
    with torch.no_grad():
        logit = network(x, rr).gather(1, target[:, None])[:, 0]
    for away in (default_reference(network, x, rr), _nothing(x, rr)):
        found = method(network, x, rr, target, away)
        total = found.values.flatten(1).sum(dim=1) + found.rr.sum(dim=1) + found.rest
        torch.testing.assert_close(total, logit, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("method", [lrp_epsilon, lrp_alpha_beta])
def test_without_biases_and_epsilon_the_map_alone_is_the_score(method):
    network, x = Plain(bias=False), torch.randn(4, 2, 32)
    rr, target = torch.empty(4, 0), torch.tensor([0, 1, 2, 0])
    found = method(network, x, rr, target, _nothing(x, rr), epsilon=0.0)
    torch.testing.assert_close(found.map.sum(dim=1), found.score, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(found.rest, torch.zeros(4), atol=1e-6, rtol=0)
    kept = method(network, x, rr, target, _nothing(x, rr), epsilon=0.5)
    assert (kept.map.sum(dim=1).abs() < found.score.abs()).all()


def test_of_two_linear_layers_it_is_the_one_worked_out_by_hand():
    """z = (1·2 + 3·(-1), 0.5·2 + 1·(-1)) = (-1, 0): ReLU leaves nothing; then another input."""

    class Two(Network):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(2, 2, bias=False)
            self.classifier = nn.Linear(2, 1)
            with torch.no_grad():
                self.first.weight.copy_(torch.tensor([[1.0, 3.0], [0.5, 1.0]]))
                self.classifier.weight.copy_(torch.tensor([[2.0, -1.0]]))
                self.classifier.bias.fill_(0.5)
            self.eval()

        def features(self, x):
            return x

        def embed(self, features, rr):  # noqa: ARG002
            return torch.relu(self.first(features[:, 0]))

    x, rr = torch.tensor([[[2.0, -1.0]], [[2.0, 1.0]]]), torch.empty(2, 0)
    found = lrp_epsilon(
        Two(), x, rr, torch.zeros(2, dtype=torch.int64), _nothing(x, rr), epsilon=0.0
    )
    # second beat: z = (5, 2), score = 10 − 2 + 0.5; relevance of z is (10, −2)
    by_hand = torch.tensor([[0.0, 0.0], [2 / 5 * 10 - 1 / 2 * 2, 3 / 5 * 10 - 1 / 2 * 2]])
    torch.testing.assert_close(found.map, by_hand)
    torch.testing.assert_close(found.rest, torch.tensor([0.5, 0.5]))


def test_the_epsilon_rule_agrees_with_captum():
    network, x = Plain(), torch.randn(5, 2, 32)
    rr, target = torch.empty(5, 0), torch.tensor([0, 1, 2, 0, 1])
    ours = lrp_epsilon(network, x, rr, target, _nothing(x, rr), epsilon=0.0)
    model = network.sequence()
    for layer in model:
        if not isinstance(layer, nn.ReLU):
            layer.rule = EpsilonRule(epsilon=1e-9)
    theirs = LRP(model).attribute(x, target=target).detach()
    torch.testing.assert_close(ours.values, theirs, atol=1e-5, rtol=1e-3)


def test_alpha_1_beta_0_agrees_with_captum():
    network = Plain(bias=False)
    with torch.no_grad():
        network.classifier.weight.abs_()  # captum's rule knows positive outputs only
    x, rr = torch.rand(5, 2, 32), torch.empty(5, 0)  # and inputs
    target = torch.tensor([0, 1, 2, 0, 1])
    ours = lrp_alpha_beta(network, x, rr, target, _nothing(x, rr), alpha=1.0, beta=0.0, epsilon=0.0)
    model = network.sequence()
    for layer in model:
        if isinstance(layer, nn.Conv1d):
            layer.rule = Alpha1_Beta0_Rule()
        elif not isinstance(layer, nn.ReLU):
            layer.rule = EpsilonRule(epsilon=1e-9)
    theirs = LRP(model).attribute(x, target=target).detach()
    torch.testing.assert_close(ours.values, theirs, atol=1e-5, rtol=1e-3)
    assert ours.values.min() >= 0


def test_a_folded_normalisation_is_one_layer():
    """A convolution and its batch normalisation get what the folded convolution gets."""
    torch.manual_seed(0)
    convolution, norm = nn.Conv1d(2, 4, 3, padding=1), nn.BatchNorm1d(4).eval()
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2.0)
    folded = torch.nn.utils.fusion.fuse_conv_bn_eval(convolution.eval(), norm)
    x = torch.randn(2, 2, 20)

    def slope(*layers):
        part = x.clone().requires_grad_()
        with RelevanceRules(2, 0.0, (2.0, 1.0)):
            out = part
            for layer in layers:
                out = layer(out)
        return torch.autograd.grad(torch.relu(out).sum(), part)[0]

    torch.testing.assert_close(slope(convolution, norm), slope(folded), atol=1e-4, rtol=1e-3)


def test_a_layer_without_a_rule_is_refused():
    class Odd(Plain):
        def embed(self, features, rr):  # noqa: ARG002
            return torch.cos(features[:, :, 0])

    x, rr = torch.randn(1, 2, 32), torch.empty(1, 0)
    with pytest.raises(EcgError, match="'cos'"):
        lrp_epsilon(Odd(), x, rr, torch.tensor([0]), _nothing(x, rr))


def test_alpha_and_beta_must_conserve():
    x, rr = torch.randn(1, 2, 32), torch.empty(1, 0)
    with pytest.raises(ValueError, match="must be 1"):
        lrp_alpha_beta(Plain(), x, rr, torch.tensor([0]), _nothing(x, rr), alpha=2.0, beta=0.0)
