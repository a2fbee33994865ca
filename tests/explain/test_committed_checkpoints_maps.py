"""Every method on every checkpoint that is committed, whatever networks there come to be."""

import pytest
import torch

from ecgcore.errors import EcgError
from ecgcore.explain.registry import EXPLAINERS, explain
from ecgcore.faithfulness.cases import cases_of
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import list_checkpoints, load_checkpoint
from tests.make_record import make_record


@pytest.mark.parametrize("name", list_checkpoints())
def test_every_method_explains_it_or_says_why_not(name):
    checkpoint = load_checkpoint(name)
    network = checkpoint.network
    record, peaks = make_record(seed=3)
    inputs = beat_inputs(record, peaks, checkpoint.meta.input)
    cases = cases_of(checkpoint, inputs, torch.tensor([4, 11]).numpy())
    x, rr, target = cases.x, cases.rr, cases.target
    with torch.no_grad():
        logit = network(x, rr).gather(1, target[:, None])[:, 0]
    for method, entry in EXPLAINERS.items():
        if reason := entry.refuses(network):
            with pytest.raises(EcgError) as refused:
                explain(method, network, x, rr, target, cases.reference)
            assert str(refused.value) == reason
            continue
        found = explain(method, network, x, rr, target, cases.reference)
        assert found.map.shape == (2, *x.shape[2:]), method
        assert torch.isfinite(found.values).all(), method
        assert entry.signed or found.values.min() >= 0, method
        if found.start is None:
            continue
        # conservation of CAM and LRP, completeness of integrated gradients
        total = found.start + found.values.flatten(1).sum(dim=1)
        if found.rr is not None:
            total = total + found.rr.sum(dim=1)
        torch.testing.assert_close(total + found.rest, logit, atol=2e-3, rtol=1e-3)
    assert not network.training
    assert not any(m._forward_hooks or m._backward_hooks for m in network.modules())
