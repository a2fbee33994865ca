"""Drawn fusions: of every recording with V beats as many, weaker, at a normal beat's time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgcore.errors import EcgError
from ecgcore.models.network import Network
from ecgcore.training.config import Optimisation
from ecgcore.training.data import BeatSet
from ecgcore.training.fit import epoch_size, fit
from ecgcore.training.fusions import SHARES, drawn_fusions, weakened
from tests.training.test_train import TINY

RECORD = np.repeat(["a", "b", "c", "d"], 50)
LABEL = np.tile([2] * 20 + [0] * 30, 4)
LABEL[RECORD == "c"] = 0  # no V
LABEL[RECORD == "d"] = 2  # no N


def test_every_recording_with_both_gives_as_many() -> None:
    v, n = np.flatnonzero(LABEL == 2), np.flatnonzero(LABEL == 0)
    beat, time, share = drawn_fusions(v, n, RECORD, 101, np.random.default_rng(0))
    assert len(beat) == len(time) == len(share) == 100
    assert (LABEL[beat] == 2).all()
    assert (LABEL[time] == 0).all()
    np.testing.assert_array_equal(RECORD[beat], RECORD[time])
    assert dict(zip(*np.unique(RECORD[beat], return_counts=True), strict=True)) == {
        "a": 50,
        "b": 50,
    }
    assert SHARES[0] <= share.min() < share.max() <= SHARES[1] < 1
    none = drawn_fusions(v[:7], n, RECORD, 100, np.random.default_rng(0))
    assert [len(part) for part in none] == [0, 0, 0]


def test_a_weakened_beat_is_that_share_of_its_difference_in_every_own_channel() -> None:
    names = ("difference", "deviation", "next_deviation", "ectopic_part", "typical_deviation")
    x = torch.randn(6, 5, 20, generator=torch.Generator().manual_seed(0))
    share = torch.tensor([0.5, 1.0, 0.25, 0.5, 1.0, 0.9])
    y = weakened(x, share, names)
    by = share[:, None]
    torch.testing.assert_close(y[:, 0], x[:, 0] * by)
    torch.testing.assert_close(y[:, 3], x[:, 3] * by)
    for bent in (1, 4):
        torch.testing.assert_close(torch.sinh(2 * y[:, bent]), torch.sinh(2 * x[:, bent]) * by)
    assert torch.equal(y[:, 2], x[:, 2])
    assert torch.equal(y[share == 1], x[share == 1])


class Seen(Network):
    """Remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.classifier = torch.nn.Linear(2, 4)
        self.shown: list[tuple[torch.Tensor, torch.Tensor]] = []

    def features(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def embed(self, features: torch.Tensor, rr: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.shown.append((features.clone(), rr.clone()))
        return torch.stack([features.mean(dim=(1, 2)), rr[:, 0]], dim=1)


def _beats() -> BeatSet:
    """V beats are of size 1 at the time 2, N beats of size 0 at the time 1; two are F."""
    label = LABEL.copy()
    label[[3, 60]] = 3
    return BeatSet(
        x=np.where(label == 2, 1.0, 0.0)[:, None, None].repeat(8, axis=2).astype(np.float32),
        rr=np.where(label == 2, 2.0, 1.0)[:, None].astype(np.float32),
        label=label,
        record=RECORD,
        classes=("N", "S", "V", "F"),
        channels=("difference",),
    )


def test_an_epoch_has_the_beats_and_the_fusions_with_normal_beats_rhythm() -> None:
    how, beats, network = Optimisation(epochs=1, batch=64, fusions=40), _beats(), Seen()
    fit(network, beats, how, 0)
    x = torch.cat([features for features, _ in network.shown])[:, 0, 0]
    rr = torch.cat([time for _, time in network.shown])[:, 0]
    fusion = (x > 0.2) & (x < 1)
    assert len(x) == epoch_size(beats, how) == len(beats) + 40
    assert int(fusion.sum()) == 40
    assert (rr[fusion] == 1).all()
    assert (rr[x == 1] == 2).all()
    assert epoch_size(beats, replace(how, fusions=0)) == len(beats)


def test_fusions_need_their_classes_and_a_channel_that_can_be_weakened() -> None:
    how = replace(TINY.optimisation, fusions=10)
    with pytest.raises(EcgError, match="N, V and F"):
        replace(TINY, optimisation=how, classes=("N", "S", "V"))
    raw = replace(TINY.input, channels=("raw",))
    with pytest.raises(EcgError, match="channel of differences"):
        replace(TINY, optimisation=how, classes=("N", "V", "F"), input=raw)
