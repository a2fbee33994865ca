"""A table whose seeds are fitted by other processes: the same document, nothing fitted here."""

from typing import Any

import pytest

from ecgcore.errors import EcgError
from ecgcore.executor.opening import open_executor
from ecgcore.experiments import elsewhere
from ecgcore.experiments.catalog import Experiment
from ecgcore.experiments.elsewhere import SeedTask, fit_elsewhere
from ecgcore.experiments.results import results_path
from ecgcore.experiments.runner import reproduce
from ecgcore.settings import settings
from ecgcore.training.config import load_config
from tests.batch.inline import Inline

VARYING = ("seconds", "wall_s", "finished")


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in VARYING}
    return [without_times(one) for one in value] if isinstance(value, list) else value


@pytest.mark.timeout(600)
def test_a_row_fitted_by_an_executor_is_the_row_fitted_here(
    tiny: Experiment, monkeypatch: pytest.MonkeyPatch, tmp_path
):
    alone = reproduce(tiny, rows=["a"])
    results_path("tiny").unlink()
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "other-home"))
    told: list[str] = []
    with open_executor("local", processes=2) as pool:
        found = reproduce(
            tiny, rows=["a"], executor=pool, progress=lambda what, *_: told.append(what)
        )
    assert without_times(found) == without_times(alone)
    # An epoch that is trained here tells its loss: all states were there and only read.
    assert not [what for what in told if "loss" in what]
    fitted = [what for what in told if "fitted on this machine, 2 processes" in what]
    assert sorted(what.partition(": ")[2].partition(" fitted")[0] for what in fitted) == [
        "tiny-a, seed 0: all patients",
        "tiny-a, seed 0: folds",
        "tiny-a, seed 1: all patients",
        "tiny-a, seed 1: folds",
    ]


def test_a_seed_that_can_not_be_fitted_is_named(tiny: Experiment, monkeypatch: pytest.MonkeyPatch):
    def refused(_: SeedTask) -> None:
        raise EcgError("There is no such recording.")

    monkeypatch.setattr(elsewhere, "fit_seed", refused)
    config = load_config(settings().config_dir / "tiny" / "a.toml")
    with pytest.raises(EcgError, match="tiny-a, seed 1: There is no such recording"):
        fit_elsewhere(Inline(), [SeedTask(config=config, seed=1, part="folds")])
