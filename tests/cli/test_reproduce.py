"""The reproduce command: a table printed, and as JSON; what is wrong is said before training."""

import json

import pytest
from typer.testing import CliRunner

from ecgcore.cli.app import build
from ecgcore.errors import EcgError
from ecgcore.experiments import ablation, runner
from ecgcore.experiments.ablation_plan import ABLATION
from ecgcore.experiments.catalog import EXPERIMENTS
from ecgcore.experiments.results import read_results
from tests.make_ablation import save_variant
from tests.make_results import save_row


def _run(*words: str):
    return CliRunner().invoke(build(), ["reproduce", *words])


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """Let a run find one finished row and train nothing."""
    monkeypatch.setenv("ECG_RESULTS_DIR", str(tmp_path))
    save_row(EXPERIMENTS["table3"].rows[4], seeds=2, planned=2)
    asked: dict[str, object] = {}

    def found(experiment, **options):
        asked.update(options)
        return read_results(experiment)

    monkeypatch.setattr(runner, "reproduce", found)
    return asked


def test_the_table_and_its_options(made):
    result = _run("table3", "--seeds", "2", "--row", "resunet-b2", "--device", "cpu")
    assert result.exit_code == 0, result.output
    mean = read_results(EXPERIMENTS["table3"])["rows"]["resunet-b2"]["summary"]["macro.f1_4"][
        "mean"
    ]
    assert f"{100 * mean:.2f} ±" in result.stdout
    assert "2 of 2" in result.stdout
    assert (made["seeds"], made["rows"], made["compute"].device) == (2, ["resunet-b2"], "cpu")


def test_json_is_the_file(made):
    result = _run("table3", "--device", "cpu", "--json")
    assert json.loads(result.stdout) == read_results(EXPERIMENTS["table3"])


def test_an_unknown_table_is_said():
    error = _run("table9").exception
    assert isinstance(error, EcgError)
    assert str(error).endswith(", best, identity, ablation, ways.")


def test_the_ablation_is_a_table_too(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("ECG_RESULTS_DIR", str(tmp_path))
    save_variant("raw", 1)
    asked: dict[str, object] = {}

    def found(**options):
        asked.update(options)
        return read_results(ABLATION)

    monkeypatch.setattr(ablation, "run_ablation", found)
    result = _run("ablation", "--seeds", "1", "--row", "raw", "--device", "cpu")
    assert result.exit_code == 0, result.output
    mean = read_results(ABLATION)["rows"]["raw"]["summary"]["mean_f1"]["mean"]
    assert f"{100 * mean:.2f}" in result.stdout
    assert "1 of 2" in result.stdout
    assert (asked["seeds"], asked["variants"]) == (1, ["raw"])
