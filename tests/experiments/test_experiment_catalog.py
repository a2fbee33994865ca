"""The tables there are: each row has its configuration, each published figure its place."""

import pytest

from ecgcore.errors import EcgError
from ecgcore.experiments.catalog import EXPERIMENTS, experiment
from ecgcore.experiments.published import published
from ecgcore.experiments.rescoring import SCORINGS
from ecgcore.models.registry import build_network
from ecgcore.training.config import load_config

ROWS = sorted({row.config: row for one in EXPERIMENTS.values() for row in one.rows}.items())


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_every_row_has_a_configuration_that_builds_its_network(name, row):
    config = load_config(row.path)
    assert config.name == row.trained.checkpoint
    assert len(config.seeds) == 5
    sizes = {
        "in_channels": len(config.input.channels),
        "rr_features": len(config.input.rr),
        "classes": len(config.classes) or 18,
    }
    network = build_network(config.architecture, {**config.network, **sizes})
    assert network.config.classes == sizes["classes"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_published_figures_are_of_rows_and_columns_there_are(name):
    one, printed = EXPERIMENTS[name], published(name)
    columns = {column.figure for column in one.columns}
    assert printed.source
    assert set(printed.rows) <= {row.name for row in one.rows}
    for figures in printed.rows.values():
        assert set(figures) <= columns
        assert all(0 < value < 100 for value in figures.values())
    assert one.headline in columns


def test_rows_of_one_table_differ_in_the_network_alone():
    plain = [load_config(row.path) for row in EXPERIMENTS["table3"].rows]
    assert len({(c.protocol, c.folds, c.optimisation, c.seeds) for c in plain}) == 1
    assert len({(c.input.window, c.input.points, c.input.scale) for c in plain}) == 1


def test_a_row_that_is_scored_in_another_way_has_a_trained_one_in_its_table():
    for one in EXPERIMENTS.values():
        names = [row.name for row in one.rows]
        assert len(set(names)) == len(names)
        for row in one.rows:
            if row.scoring:
                assert row.trained.config in {other.config for other in one.rows}
                assert row.name in SCORINGS


def test_an_unknown_experiment_is_said():
    with pytest.raises(EcgError, match="table3"):
        experiment("table9")
