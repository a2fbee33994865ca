"""The ablation and the ways on the Results page: what each step gave, in whom it errs."""

import re
import shutil
from html import unescape
from pathlib import Path

import pytest

from ecgcore.experiments.ablation_plan import ABLATION, load_plan
from ecgcore.experiments.results import read_results, results_path
from ecgcore.experiments.ways import WAYS
from ecgcore.experiments.ways_table import TABLE as OF_WAYS
from ecgcore.ui.text import signed
from tests.make_ablation import save_variant
from tests.ui.seen import text


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("ECG_RESULTS_DIR", str(tmp_path / "results"))


def _table(app) -> dict[str, list[str]]:
    """Return the cells of the table, as text, by variant."""
    page = next(one.proto.body for one in app.get("html") if "bl-results" in one.proto.body)
    rows = [re.findall("<td.*?>(.*?)</td>", row) for row in re.findall(r"<tr>(<td>.*?)</tr>", page)]
    plain = [[unescape(re.sub("<.*?>", "", cell)) for cell in row] for row in rows]
    return {row[0]: row[1:] for row in plain}


def test_before_it_is_run_the_variants_and_the_command_stand_there(open_page):
    app = open_page("results", result="ablation")
    rows, plan = _table(app), load_plan()
    assert list(rows) == [one.title for one in plan.variants]
    assert all(cells[0] == "not run yet" for cells in rows.values())
    assert "python -m ecgcore reproduce ablation" in text(app)
    assert not app.dataframe


def test_figures_gains_and_errors_of_a_variant(open_page):
    plan = load_plan()
    first, second = plan.variants[0], plan.variants[1]
    assert second.against == first.name
    save_variant(first.name, 2)
    save_variant(second.name, 1)
    app = open_page("results", result=f"ablation/{first.name}")
    assert app.query_params["result"] == f"ablation/{first.name}"
    rows, found = _table(app), read_results(ABLATION)["rows"]
    assert (rows[first.title][0], rows[second.title][0]) == ("2 of 2", "1 of 2")
    figures = [column.figure for column in ABLATION.columns]
    means = found[first.name]["summary"]
    pooled = means["mean_f1"]
    shown = rows[first.title][1 + figures.index("mean_f1")]
    assert shown == f"{100 * pooled['mean']:.1f} ± {100 * pooled['std']:.1f}"
    assert rows[first.title][1 + figures.index("gain.mean_f1")] == "–"
    ours, theirs = (found[one.name]["seeds"][0]["mean_f1"] for one in (second, first))
    gain = rows[second.title][1 + figures.index("gain.mean_f1")]
    assert gain == signed(100 * (ours - theirs))
    assert second.title in text(app)  # not with all seeds
    assert first.title not in app.info[0].value.replace("\\", "")

    errors = app.dataframe[0].value.set_index("record")
    records = [one["records"] for one in found[first.name]["seeds"]]
    name = next(iter(records[0]))
    of_s = [sum(one[name][1]) - one[name][1][1] for one in records]
    assert errors.loc[name, "S missed"] == pytest.approx(sum(of_s) / 2)
    false_v = [sum(row[2] for row in one[name]) - one[name][2][2] for one in records]
    assert errors.loc[name, "V false"] == pytest.approx(sum(false_v) / 2)
    totals = errors[["S missed", "S false", "V missed", "V false"]].sum(axis=1)
    assert totals.is_monotonic_decreasing


def test_the_ways_stand_beside_the_ablation_in_the_same_form(open_page):
    """The committed figures, each way's gain over its own step, and errors in F as well."""
    path = results_path("ways")
    path.parent.mkdir(parents=True)
    shutil.copy(Path(__file__).parents[2] / "results" / "ways.json", path)
    app = open_page("results", result="ways/in-context")
    assert app.query_params["result"] == "ways/in-context"
    assert {"Ablation", "Context and calibration"} <= set(
        app.button_group(key="results_pick").options
    )
    rows, found = _table(app), read_results(OF_WAYS)["rows"]
    figures = [column.figure for column in OF_WAYS.columns]
    assert list(rows) == [way.title for way in WAYS]
    for way in WAYS:
        cells, means = rows[way.title], found[way.name]["summary"]
        assert cells[1 + figures.index("macro_f1")].startswith(
            f"{100 * means['macro_f1']['mean']:.1f} ± "
        )
        gain = cells[1 + figures.index("gain.macro_f1")]
        assert gain.startswith(signed(100 * means["gain.macro_f1"]["mean"]) if way.against else "–")
    assert not app.info  # all of it was run

    errors = app.dataframe[0].value.set_index("record")
    records = [one["records"] for one in found["in-context"]["seeds"]]
    classes = found["in-context"]["seeds"][0]["classes"]
    f = classes.index("F")
    missed = [sum(one["208 MLII"][f]) - one["208 MLII"][f][f] for one in records]
    assert errors.loc["208 MLII", "F missed"] == pytest.approx(sum(missed) / len(missed))


def test_before_the_ways_are_run_their_command_stands_there(open_page):
    app = open_page("results", result="ways")
    assert all(cells[0] == "not run yet" for cells in _table(app).values())
    assert "python -m ecgcore reproduce ways" in text(app)


def test_a_broken_file_is_said(open_page):
    path = results_path("ablation")
    path.parent.mkdir(parents=True)
    path.write_text("{")
    app = open_page("results", result="ablation")
    assert "ablation.json" in text(app)
