"""A network that nobody has trained, for tests of what is done with any."""

import pytest
import torch

from ecgcore.features.inputs import InputSpec
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.registry import build_network
from tests.make_record import make_checkpoint

FOUR = ("N", "S", "V", "F")


@pytest.fixture(scope="module")
def untrained() -> Checkpoint:
    torch.manual_seed(0)
    sizes = {"channels": 8, "middle": 4, "heads": 2, "kernel": 5, "rr_features": 1, "classes": 4}
    network = build_network("resunet-b2", sizes).eval()
    return make_checkpoint(network, InputSpec(rr=("pre_over_global",)), FOUR)
