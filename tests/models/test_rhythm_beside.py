"""A widened network says what it said; likeness is 1 at a labelled beat and falls with distance."""

import torch

from ecgcore.models.rhythm_beside import RhythmBeside, rhythm_beside
from tests.models.tiny import tiny


def _widened(count: int) -> tuple[RhythmBeside, torch.Tensor, torch.Tensor, torch.nn.Module]:
    network, x, rr = tiny("residual-cnn")
    network.eval()
    with torch.no_grad():
        features = network.features(x)
        widened = rhythm_beside(network, features[:count], features)
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


def test_directions_are_those_along_which_the_beats_differ_most() -> None:
    widened, x, rr, network = _widened(2)
    count = widened.directions.shape[1]
    assert count == min(16, len(x) - 1)
    with torch.no_grad():
        flat = network.features(x).flatten(1).double()
        along = widened.embed(widened.features(x), rr)[:, -2 - count : -2]
    middle = flat - flat.mean(dim=0)
    spread = torch.linalg.svdvals(middle)[:count] / (len(x) - 1) ** 0.5
    torch.testing.assert_close(along.mean(dim=0), torch.zeros(count), atol=1e-3, rtol=0)
    found, wanted = torch.cov(along.double().T), torch.diag(spread / spread[0])
    torch.testing.assert_close(found, wanted, atol=1e-3, rtol=0)


def test_of_one_beat_there_are_no_directions() -> None:
    network, x, rr = tiny("residual-cnn")
    network.eval()
    with torch.no_grad():
        features = network.features(x)
        widened = rhythm_beside(network, features[:0], features[:1])
        torch.testing.assert_close(widened(x, rr), network(x, rr))
    assert isinstance(widened, RhythmBeside)
    assert widened.directions.shape[1] == 0


def test_a_network_without_rr_features_stays_as_it_is() -> None:
    network, x, _ = tiny("cnn-gap")
    features = network.features(x)
    assert rhythm_beside(network, features, features) is network
