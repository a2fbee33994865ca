"""The Results page: nothing run, partly run, run; and the way to the errors."""

import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from ecgcore.experiments.catalog import EXPERIMENTS
from ecgcore.experiments.published import published
from ecgcore.experiments.results import results_path, row_results
from ecgcore.models.checkpoint import list_checkpoints
from ecgcore.ui.result_row import confusion_of
from ecgcore.ui.result_table import compared
from ecgcore.ui.text import signed
from tests.make_record import save_tiny_checkpoints
from tests.make_results import PEOPLE, RECORDS, drawn_people, save_row
from tests.models.checkpoint.made import edit
from tests.ui.seen import figure, text

TABLE = EXPERIMENTS["table3"]
BASELINE, B2 = TABLE.rows[0], TABLE.rows[4]


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ECG_RESULTS_DIR", str(tmp_path / "results"))


@pytest.fixture
def run():
    """Write two rows: B2 whole, with a checkpoint; the baseline with one of two seeds."""
    save_row(B2, seeds=2, planned=2)
    save_row(BASELINE, seeds=1, planned=2)


def _table(app) -> list[list[str]]:
    """Return the cells of the table's rows, as text."""
    rows = re.findall(r"<tr>(<td>.*?)</tr>", _html(app))
    return [
        [unescape(re.sub("<.*?>", "", cell)) for cell in re.findall("<td.*?>(.*?)</td>", row)]
        for row in rows
    ]


def _html(app) -> str:
    return next(one.proto.body for one in app.get("html") if "bl-results" in one.proto.body)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_before_anything_is_run_the_published_figures_and_the_command_stand_there(open_page, name):
    app = open_page("results", result=name)
    printed = published(name)
    cells = [cell for row in _table(app) for cell in row]
    assert cells.count("not run yet") == len(EXPERIMENTS[name].rows)
    for figures in printed.rows.values():
        for value in figures.values():
            assert f"{value:.2f}" in cells
    assert f"python -m ecgcore reproduce {name}" in text(app)
    assert printed.source in text(app)
    assert all(line in text(app) for line in printed.ours)


def test_what_can_not_be_reproduced_is_said_beside_what_was_run(open_page, run):
    about, printed = text(open_page("results", result="table3")), published("table3")
    assert all(line in about for line in (*printed.ours, *printed.unreproducible))
    assert printed.unreproducible
    save_row(EXPERIMENTS["table4"].rows[0], seeds=2, planned=2)
    about = text(open_page("results", result="table4"))
    assert "Not reproduced: MHCA and Hybrid as published can't depend on RR" in about


def test_ours_stand_beside_the_published_with_seeds_and_difference(open_page, run):
    app = open_page("results", result="table3")
    rows = {row[0]: row for row in _table(app)}
    assert rows[BASELINE.title][1] == "1 of 2"
    assert rows[B2.title][1] == "2 of 2"
    entry = row_results(B2)
    ours = entry["summary"]["macro.f1_4"]
    shown = f"{100 * ours['mean']:.1f} ± {100 * ours['std']:.1f}"
    place = rows[B2.title].index("65.69")
    assert rows[B2.title][place + 1] == shown
    assert rows[B2.title][place + 2] == signed(100 * ours["mean"] - 65.69)
    assert "±" not in " ".join(rows[BASELINE.title])  # one seed has no deviation
    assert "resunet, resunet-a1" in text(app).replace("`", "")  # what is missing is named


def test_a_row_tells_its_protocol_and_on_whom_it_hangs(open_page, run):
    app = open_page("results", result="table3/resunet-b2")
    assert app.query_params["result"] == "table3/resunet-b2"
    about, entry = text(app), row_results(B2)
    for said in ("inter-patient", "annotated R-peaks", "A flag.", "a desk, fp32", "2 of 2 seeds"):
        assert said in about
    for record in ("213", "232"):
        assert f"{100 * entry['without'][record]:.1f} % without {record}" in about
    assert figure(app, "record_dependence")["data"][0]["x"] == list(RECORDS)
    beats = sum(sum(one["reliability"]["beats"]) for one in entry["seeds"])
    drawn = figure(app, "reliability")["data"][1]["customdata"]
    assert sum(count for count, _ in drawn) == beats


def test_a_row_of_people_tells_who_is_named_rightly_and_for_whom_others_are_taken(open_page):
    hours = next(row for row in EXPERIMENTS["identity"].rows if row.name == "hours-wave")
    save_row(hours, seeds=2, planned=2, drawn=drawn_people)
    app = open_page("results", result="identity/hours-wave")
    row = next(row for row in _table(app) if row[0] == hours.title)
    assert row[-1] == f"{len(PEOPLE) - 1}.0 ± 0.0 of {len(PEOPLE)}"
    assert "identity-hours" in text(app)
    assert "tested on qtdb hours-later" in text(app)
    listed = app.dataframe[0].value
    assert listed["person"].iloc[0] == PEOPLE[-1]  # the worst first
    assert listed["taken for"].iloc[0] == PEOPLE[0]
    assert listed["seeds that vote so"].tolist() == [0] + [2] * (len(PEOPLE) - 1)
    people = [one["people"] for one in row_results(hours)["seeds"]]
    right = 100 * (people[0][PEOPLE[1]]["right"] + people[1][PEOPLE[1]]["right"]) / 2
    shown = listed.set_index("person")["right, %"]
    assert shown[PEOPLE[1]] == pytest.approx(right)


def test_choosing_a_row_goes_into_the_url(open_page, run):
    app = open_page("results", result="table3/resunet-b2")
    app.button_group(key="results_row").set_value("resunet").run()
    assert app.query_params["result"] == "table3/resunet"
    assert "1 of 2 seeds" in text(app)


def test_cells_link_to_their_errors_where_there_is_a_checkpoint(open_page, run, tmp_path):
    assert "<a " not in _html(open_page("results", result="table3"))
    save_tiny_checkpoints(tmp_path / "checkpoints")
    shutil.copytree(tmp_path / "checkpoints" / "tiny", tmp_path / "checkpoints" / B2.checkpoint)
    html = _html(open_page("results", result="table3"))
    links = [urlparse(unescape(found)) for found in re.findall('href="(.*?)"', html)]
    assert {one.path for one in links} == {"compare"}
    asked = [parse_qs(one.query) for one in links]
    assert {one["ckpt"][0] for one in asked} == {B2.checkpoint}
    assert {one["set"][0] for one in asked} == {"DS2"}
    # The cell of a class is one in which that class is the true one.
    assert {one["cell"][0][0] for one in asked} >= {"S", "V", "F"}
    entry = row_results(B2)
    kept = next(one for one in entry["seeds"] if one["seed"] == entry["median_seed"])
    for one in asked:
        truth, label = one["cell"][0].split(">")
        place = [kept["classes"].index(name) for name in (truth, label)]
        assert truth != label
        assert kept["confusion"][place[0]][place[1]] > 0


def test_a_row_leads_to_compare_where_that_shows_what_it_scores(open_page, run, tmp_path):
    """A checkpoint that predicts in context is shown so on Compare, and in no other way."""
    rows = [B2, *(replace(B2, scoring=way) for way in ("in-context", "calibrated"))]
    assert not any(compared(row, list_checkpoints()) for row in rows)
    save_tiny_checkpoints(tmp_path / "checkpoints")
    shutil.copytree(tmp_path / "checkpoints" / "tiny", tmp_path / "checkpoints" / B2.checkpoint)
    assert [compared(row, list_checkpoints()) for row in rows] == [True, False, False]
    edit(tmp_path / "checkpoints" / B2.checkpoint, context=True)
    assert [compared(row, list_checkpoints()) for row in rows] == [False, True, False]
    app = open_page("results", result="table3/resunet-b2")
    assert "in another way, so the cells here lead nowhere" in text(app)


def test_the_best_s_table_opens_on_how_its_checkpoint_predicts(open_page, monkeypatch):
    """The committed table and checkpoint."""
    root = Path(__file__).parents[2]
    monkeypatch.setenv("ECG_RESULTS_DIR", str(root / "results"))
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(root / "checkpoints"))
    app = open_page("results", result="best")
    assert "Puts what is said of a beat in the context" in text(app)
    assert "Click a cell to see its beats on Compare" in text(app)


def test_no_filter_that_compare_was_left_with_hides_the_errors(open_page, run, tmp_path):
    save_tiny_checkpoints(tmp_path / "checkpoints")
    shutil.copytree(tmp_path / "checkpoints" / "tiny", tmp_path / "checkpoints" / B2.checkpoint)
    left = {"where": "rec:100;true:N", "by": "groups", "sort": "margin", "beat": "3"}
    html = _html(open_page("results", result="table3", **left))
    asked = [parse_qs(urlparse(unescape(one)).query) for one in re.findall('href="(.*?)"', html)]
    assert asked
    assert not any(set(left) & set(one) for one in asked)


def test_a_class_that_is_never_said_has_no_column():
    matrix = confusion_of(
        {"classes": ["N", "S", "F", "Q"],
         "confusion": [[5, 1, 0, 0], [2, 3, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]}
    )  # fmt: skip
    assert (matrix.truths, matrix.classes) == (("N", "S", "Q"), ("N", "S"))
    assert matrix.counts.tolist() == [[5, 1], [2, 3], [1, 0]]


def test_derived_tables_are_filled_by_their_rows(open_page, run):
    app = open_page("results", result="table6")
    rows = {row[0]: row for row in _table(app)}
    mean = row_results(B2)["summary"]["per_class.S.f1"]["mean"]
    start = row_results(BASELINE)["summary"]["per_class.S.f1"]["mean"]
    assert f"+53.8, {100 * (mean - start):+.1f}" in rows[B2.title]


def test_an_unknown_row_is_said(open_page, run):
    app = open_page("results", result="table3/nonsense")
    told = "There is no row 'nonsense' with results; choose one."
    assert told in [box.value.replace("\\", "") for box in app.warning]


def test_an_unknown_table_and_a_broken_file_are_said(open_page):
    assert "'table9'" in text(open_page("results", result="table9"))
    results_path("table4").parent.mkdir(parents=True, exist_ok=True)
    results_path("table4").write_text("{")
    assert "table4.json" in text(open_page("results", result="table4", whole=False))
