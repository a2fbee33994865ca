"""Fitting: it learns, it is the seed's alone, and a broken run goes on as if it had not broken."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ecgcore.errors import EcgError
from ecgcore.models.registry import build_network
from ecgcore.training.augment import augment
from ecgcore.training.config import Optimisation
from ecgcore.training.data import BeatSet
from ecgcore.training.fit import epoch_beats, fit, one_cycle, probabilities
from ecgcore.training.state import Progressed


@pytest.fixture(autouse=True)
def _one_thread():
    """Networks this small only wait for each other's threads, the more so on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


HOW = Optimisation(
    epochs=4,
    batch=16,
    learning_rate=5e-3,
    majority_per_epoch=30,
    class_weights="sqrt",
    gain=0.1,
    noise=0.05,
    shift=1,
)


def beats(n: int = 90, seed: int = 0) -> BeatSet:
    """Return beats whose class is partly in the waveform and partly in the rhythm."""
    rng = np.random.default_rng(seed)
    label = rng.choice(3, n, p=(0.6, 0.2, 0.2))
    x = rng.normal(0, 0.2, (n, 1, 32)).astype(np.float32)
    x[label == 1, :, 10:16] += 1.0
    rr = rng.normal(0, 0.2, (n, 2)).astype(np.float32)
    rr[label == 2, 0] += 2.0
    record = rng.choice(["a", "b"], n)
    return BeatSet(x=x, rr=rr, label=label, record=record, classes=("N", "S", "V"))


def network(seed: int = 0):
    torch.manual_seed(seed)
    sizes = {"channels": 8, "middle": 4, "heads": 2, "kernel": 3, "depths": [2, 1]}
    return build_network("resunet-b2", {**sizes, "rr_features": 2, "classes": 3})


def weights(net) -> torch.Tensor:
    return torch.cat([value.double().flatten() for value in net.state_dict().values()])


def test_a_small_set_is_learnt_by_heart():
    data, net = beats(), network()
    how = replace(HOW, epochs=40, majority_per_epoch=0, gain=0.0, noise=0.0, shift=0)
    done = fit(net, data, how, seed=0)
    assert done.loss[-1] < 0.2 * done.loss[0]
    assert (probabilities(net, data).argmax(dim=1).numpy() == data.label).mean() > 0.97
    fresh = beats(seed=1)
    assert (probabilities(net, fresh).argmax(dim=1).numpy() == fresh.label).mean() > 0.9


def test_the_seed_decides_all():
    one, same, other = network(), network(), network()
    for net, seed in ((one, 1), (same, 1), (other, 2)):
        torch.rand(seed)  # what was drawn before must not matter
        fit(net, beats(), HOW, seed=seed)
    assert torch.equal(weights(one), weights(same))
    assert not torch.equal(weights(one), weights(other))


def test_the_caller_s_random_numbers_are_left_alone():
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    fit(network_made := _without_seeding(), beats(), HOW, seed=0)
    assert network_made.training is False
    torch.testing.assert_close(torch.rand(3), wanted)


def _without_seeding():
    with torch.random.fork_rng(devices=[]):
        return network()


class Stopped(Exception):
    pass


@pytest.mark.parametrize("after", [1, 3])
def test_a_resumed_run_equals_an_unbroken_one(tmp_path: Path, after: int):
    watch = beats(20, seed=3)
    unbroken = network()
    wanted = fit(unbroken, beats(), HOW, seed=7, watch=watch)

    def stop(done: Progressed) -> None:
        if done.epochs == after:
            raise Stopped

    state = tmp_path / "state.safetensors"
    args = {"seed": 7, "watch": watch, "state": state, "key": "run"}
    with pytest.raises(Stopped):
        fit(network(), beats(), HOW, **args, epoch_done=stop)
    seen: list[int] = []
    resumed = network(seed=9)  # its random start must not matter
    done = fit(resumed, beats(), HOW, **args, epoch_done=lambda so_far: seen.append(so_far.epochs))
    assert seen == list(range(after + 1, HOW.epochs + 1))
    assert torch.equal(weights(resumed), weights(unbroken))
    assert done.loss == wanted.loss
    assert torch.equal(done.watched, wanted.watched)
    assert done.watched.shape == (HOW.epochs, 20, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["state.safetensors"]


def test_a_run_can_be_stopped_at_a_batch_and_keeps_its_last_epoch(tmp_path: Path):
    unbroken = network()
    fit(unbroken, beats(), HOW, seed=7)
    each = -(-len(epoch_beats(beats().label, 30, np.random.default_rng(0))) // HOW.batch)
    done = 0

    def stop() -> None:
        nonlocal done
        done += 1
        if done == 2 * each + 1:  # in the third epoch
            raise Stopped

    state = tmp_path / "state.safetensors"
    with pytest.raises(Stopped):
        fit(network(), beats(), HOW, seed=7, state=state, key="run", batch_done=stop)
    seen: list[int] = []
    resumed = network(seed=9)
    fit(
        resumed,
        beats(),
        HOW,
        seed=7,
        state=state,
        key="run",
        epoch_done=lambda so_far: seen.append(so_far.epochs),
    )
    assert seen == [3, 4]
    assert torch.equal(weights(resumed), weights(unbroken))


def test_a_state_of_another_run_or_a_damaged_one_counts_for_nothing(tmp_path: Path):
    state = tmp_path / "state.safetensors"
    unbroken = network()
    fit(unbroken, beats(), HOW, seed=7)
    fit(network(), beats(), HOW, seed=1, epochs=2, state=state, key="another")
    for damage in (lambda: None, lambda: state.write_bytes(state.read_bytes()[:1000])):
        damage()
        net = network()
        fit(net, beats(), HOW, seed=7, state=state, key="this")
        assert torch.equal(weights(net), weights(unbroken))


def test_a_disk_that_refuses_is_said(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.raises(EcgError, match="can't be saved"):
        fit(network(), beats(), HOW, seed=0, state=blocked / "state.safetensors", key="x")


def test_stopping_early_is_a_prefix_of_the_whole_run():
    watch = beats(20, seed=3)
    whole = fit(network(), beats(), HOW, seed=0, watch=watch)
    part = fit(network(), beats(), HOW, seed=0, watch=watch, epochs=2)
    assert part.loss == whole.loss[:2]
    assert torch.equal(part.watched, whole.watched[:2])


def test_an_epoch_takes_all_of_the_rare_and_a_new_draw_of_the_many():
    label = np.repeat([0, 1, 2], [100, 7, 5])
    drawn = [epoch_beats(label, 20, np.random.default_rng(s)) for s in range(2)]
    for order in drawn:
        assert len(order) == len(set(order.tolist())) == 32
        assert set(range(100, 112)) <= set(order.tolist())
    assert set(drawn[0].tolist()) != set(drawn[1].tolist())
    assert sorted(epoch_beats(label, 0, np.random.default_rng(0))) == list(range(112))


def test_augmentation_off_changes_nothing():
    x = torch.randn(3, 2, 16)
    assert augment(x, Optimisation()) is x
    assert augment(x, HOW).shape == x.shape


def test_the_learning_rate_rises_then_falls_to_nothing():
    rate = [one_cycle(p) for p in np.linspace(0, 1, 101)]
    top = int(np.argmax(rate))
    assert rate[top] == pytest.approx(1, abs=1e-3)
    assert all(np.diff(rate[: top + 1]) > 0)
    assert all(np.diff(rate[top:]) < 0)
    assert rate[-1] == pytest.approx(0, abs=1e-9)
