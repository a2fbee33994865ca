"""What a training costs, its curves, settings to begin with, and the signs of lacking memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.errors import JobError
from ecgcore.executor.memory import is_out_of_memory
from ecgcore.jobs import cost
from ecgcore.jobs.cost import Rate, estimate, keep_rate, measure, shape_of, stored_rate
from ecgcore.jobs.curves import differences, learning_curves, seconds_left
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.memory import MemoryWatch
from ecgcore.jobs.presets import committed, families, held_out, place_of, preset
from ecgcore.jobs.store import EpochNote
from ecgcore.models.registry import NETWORKS, build_network
from ecgcore.records.splits import DS1
from ecgcore.training.config import Optimisation
from ecgcore.training.data import BeatSet
from ecgcore.training.setup import epoch_size
from tests.jobs.tiny_training import tiny

RATE = Rate(host="here", beats_per_second=100.0, megabytes=300.0, weights=5, values=32)


COUNTS = {"demo02": {"N": 300, "V": 20, "Q": 3}, "demo03": {"N": 200, "V": 50}}


class TestCost:
    def test_an_epoch_is_counted_as_it_is_drawn(self):
        for majority in (0, 100, 10_000):
            how = Optimisation(epochs=1, majority_per_epoch=majority)
            config = tiny(optimisation=how, folds=())
            label = np.repeat([0, 1], [500, 70])
            beats = BeatSet(
                x=np.zeros((570, 1, 2), np.float32),
                rr=np.zeros((570, 0), np.float32),
                label=label,
                record=np.full(570, "a"),
                classes=("N", "V"),
            )
            assert estimate(config, COUNTS, RATE).beats == epoch_size(beats, config)

    def test_time_grows_with_epochs_seeds_and_folds_and_shrinks_with_the_rate(self):
        one = estimate(tiny(1, folds=()), COUNTS, RATE)
        assert estimate(tiny(6, folds=()), COUNTS, RATE).seconds == pytest.approx(6 * one.seconds)
        two = estimate(tiny(1, folds=(), seeds=(0, 1)), COUNTS, RATE)
        assert two.seconds == pytest.approx(2 * one.seconds)
        assert estimate(tiny(1), COUNTS, RATE).seconds > one.seconds
        fast = replace(RATE, beats_per_second=200.0)
        assert estimate(tiny(1, folds=()), COUNTS, fast).seconds == one.seconds / 2

    def test_a_probe_really_trains_and_says_the_network_s_size(self):
        config = tiny(optimisation=Optimisation(batch=64))
        found = measure(config)
        network = build_network("cnn-gap", {**config.network, "classes": 2})
        assert found.beats_per_second > 0
        assert found.weights == sum(weight.numel() for weight in network.parameters())
        assert found.values == 32
        assert found.megabytes is not None
        assert found.megabytes > 50

    def test_what_can_not_be_tried_out_is_said(self):
        with pytest.raises(JobError, match=r"can't be tried out.*no setting colour"):
            measure(tiny(network={"colour": 3}))

    def test_a_training_s_rate_replaces_a_probe_s_and_keeps_the_rest(self, jobs: JobDatabase):
        config = tiny()
        assert stored_rate(jobs, config) is None
        keep_rate(jobs, config, RATE)
        trained = Rate(host="here", beats_per_second=50.0, measured="by a training")
        keep_rate(jobs, config, trained)
        found = stored_rate(jobs, replace(config, title="other", seeds=(9,)))
        assert found == replace(RATE, beats_per_second=50.0, measured="by a training")
        assert stored_rate(jobs, tiny(network={"filters": [4, 4, 8]})) is None

    def test_this_machine_s_rate_comes_first(self, jobs: JobDatabase, monkeypatch):
        for host in ("a", "me", "z"):
            keep_rate(jobs, tiny(), replace(RATE, host=host))
        monkeypatch.setattr(cost.socket, "gethostname", lambda: "me")
        found = stored_rate(jobs, tiny())
        assert found is not None
        assert found.host == "me"

    def test_only_what_makes_it_faster_or_slower_is_in_the_shape(self):
        assert shape_of(tiny(3)) == shape_of(tiny(5, train="demo05"))
        assert shape_of(tiny()) != shape_of(tiny(optimisation=Optimisation(batch=17)))


def note(stage: str, epoch: int, **figures: object) -> EpochNote:
    return EpochNote(stage=stage, epoch=epoch, at=0.0, figures=dict(figures))


class TestCurves:
    def test_folds_are_averaged_and_what_is_not_defined_left_out(self):
        notes = [
            note("fold 1", 1, loss=2.0, f1={"N": 0.8, "F": None}, macro_f1=0.4),
            note("fold 2", 1, loss=1.0, f1={"N": 0.6, "F": 0.2}, macro_f1=0.6),
            note("fold 1", 2, loss=0.5, f1={"N": 0.9, "F": None}, macro_f1=0.5),
            note("all", 1, loss=0.7),
        ]
        found = learning_curves("it", notes)
        assert found.loss == {
            "fold 1": ((1, 2.0), (2, 0.5)),
            "fold 2": ((1, 1.0),),
            "all": ((1, 0.7),),
        }
        assert dict(found.f1["N"]) == pytest.approx({1: 0.7, 2: 0.9})
        assert found.f1["F"] == ((1, 0.2),)
        assert dict(found.macro) == pytest.approx({1: 0.5, 2: 0.5})

    def test_the_time_left_goes_by_the_last_epochs(self):
        notes = [note("a", 1, seconds=100.0), *(note("a", k, seconds=2.0) for k in range(2, 8))]
        assert seconds_left(notes, 7, 10) == pytest.approx(6.0)
        assert seconds_left([], 0, 10) is None

    def test_only_settings_that_differ_are_told_and_words_are_not(self):
        first = {"title": "A", "x": 1, "how": {"epochs": 2, "batch": 4}, "folds": []}
        second = {"title": "B", "x": 1, "how": {"epochs": 3, "batch": 4}, "folds": [["101"]]}
        found = differences({"a": first, "b": second})
        assert found == {
            "how.epochs": {"a": "2", "b": "3"},
            "folds": {"a": "none", "b": "101"},
        }
        assert differences({"a": first, "b": first}) == {}


class TestPresets:
    @pytest.mark.parametrize("architecture", NETWORKS)
    def test_every_network_has_settings_that_build_it(self, architecture: str):
        found = preset(architecture, committed())
        assert found.architecture == architecture
        assert len(found.seeds) == 1
        sizes = {
            "in_channels": len(found.input.channels),
            "rr_features": len(found.input.rr),
            "classes": len(found.classes) or 3,
        }
        build_network(architecture, {**found.network, **sizes})
        assert found.input.kind == NETWORKS[architecture].kind

    def test_every_network_stands_in_one_place(self):
        names = [name for fusions in families().values() for name in fusions.values()]
        assert sorted(names) == sorted(NETWORKS)
        for name in NETWORKS:
            family, fusion = place_of(name)
            assert families()[family][fusion] == name

    @given(folds=st.integers(1, 5), size=st.integers(6, 30))
    def test_folds_hold_each_patient_out_once_at_most(self, folds: int, size: int):
        train = DS1[:size]
        dealt = held_out(train, folds)
        every = [name for fold in dealt for name in fold]
        assert len(dealt) == folds
        assert len(set(every)) == len(every)
        assert set(every) <= set(train)
        assert (set(every) == set(train)) == (folds > 1)
        assert all(fold and set(fold) != set(train) for fold in dealt)


class TestMemory:
    @pytest.mark.parametrize(
        ("group", "counter"),
        [
            ("4:memory:/jobs/a\n0::/\n", "sys/fs/cgroup/memory/jobs/a/memory.oom_control"),
            ("0::/jobs/a\n", "sys/fs/cgroup/jobs/a/memory.events"),
            ("0::/\n", "sys/fs/cgroup/memory.events"),  # inside a container
            ("4:memory:/not/here\n", "sys/fs/cgroup/memory/memory.oom_control"),
            (None, "proc/vmstat"),  # no groups at all
        ],
    )
    def test_a_kill_is_known_by_the_counter_of_the_process_group(
        self, tmp_path: Path, group: str | None, counter: str
    ):
        machine, own = tmp_path / "proc/vmstat", tmp_path / counter
        for file in (machine, own):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("oom 1\noom_kill 5\n")
        if group is not None:
            (tmp_path / "proc/7").mkdir()
            (tmp_path / "proc/7/cgroup").write_text(group)
        watch = MemoryWatch(7, tmp_path)
        assert not watch.killed()
        machine.write_text("oom_kill 6\n")  # somebody else's process
        assert watch.killed() == (own == machine)
        own.write_text("oom_kill 6\n")
        assert watch.killed()

    def test_a_process_that_is_moved_is_followed_until_it_ends(self, tmp_path: Path):
        groups = {name: tmp_path / f"sys/fs/cgroup/memory/{name}" for name in ("", "a", "b")}
        for folder in groups.values():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "memory.oom_control").write_text("oom_kill 3\n")
        file = tmp_path / "proc/7/cgroup"
        file.parent.mkdir(parents=True)
        file.write_text("4:memory:/a\n")
        watch = MemoryWatch(7, tmp_path)
        file.write_text("4:memory:/b\n")
        watch.look()
        (groups["a"] / "memory.oom_control").write_text("oom_kill 4\n")
        file.write_text("4:memory:/\n")  # as one that is about to end
        watch.look()
        assert not watch.killed()
        (groups["b"] / "memory.oom_control").write_text("oom_kill 4\n")
        assert watch.killed()

    def test_no_counter_tells_of_no_kill(self, tmp_path: Path):
        watch = MemoryWatch(7, tmp_path)
        (tmp_path / "proc").mkdir()
        (tmp_path / "proc/vmstat").write_text("oom_kill many\n")
        watch.look()
        assert not watch.killed()

    def test_a_real_allocation_that_fails_is_known_and_a_real_fault_is_not(self):
        import torch

        for huge in (
            lambda: np.ones(1 << 48, dtype=np.uint8),
            lambda: torch.ones(1 << 48, dtype=torch.uint8),
        ):
            with pytest.raises((MemoryError, RuntimeError)) as caught:
                huge()
            assert is_out_of_memory(caught.value)
        with pytest.raises(RuntimeError) as other:
            torch.ones(2) @ torch.ones(3)
        assert not is_out_of_memory(other.value)
        library = "x.so: failed to map segment from shared object"
        assert is_out_of_memory(ImportError(library))
        assert not is_out_of_memory(ImportError("x.so: cannot open shared object file"))
