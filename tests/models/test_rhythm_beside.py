"""A widened network says what it said; likeness is 1 at a labelled beat and falls with distance."""

import torch

from ecgcore.models.rhythm_beside import RhythmBeside, rhythm_beside
from tests.models.tiny import tiny


def _widened(count: int) -> tuple[RhythmBeside, torch.Tensor, torch.Tensor, torch.nn.Module]:
    network, x, rr = tiny("residual-cnn")
    network.eval()
    with torch.no_grad():
        widened = rhythm_beside(network, network.features(x[:count]))
    assert isinstance(widened, RhythmBeside)
    return widened, x, rr, network


def test_it_says_what_the_network_says_until_it_is_fitted() -> None:
    for count in (0, 1, 3):
        widened, x, rr, network = _widened(count)
        torch.testing.assert_close(widened(x, rr), network(x, rr))


def test_a_labelled_beat_is_wholly_like_itself_and_others_are_less() -> None:
    widened, x, rr, network = _widened(3)
    with torch.no_grad():
        alike = widened.embed(widened.features(x), rr)[:, -3:]
        flat = network.features(x).flatten(1)
    torch.testing.assert_close(alike[:3].diagonal(), torch.ones(3), atol=1e-3, rtol=0)
    far = torch.cdist(flat, flat[:3])
    assert ((alike > 0) & (alike <= 1)).all()
    nearer = far[:, :, None] < far[:, None, :] - 1e-3
    assert (alike[:, :, None] >= alike[:, None, :])[nearer].all()


def test_a_network_without_rr_features_stays_as_it_is() -> None:
    network, x, _ = tiny("cnn-gap")
    assert rhythm_beside(network, network.features(x)) is network
