"""The commands ``layers``, as a person types them, on the demo database."""

import json
from pathlib import Path

import numpy as np
import pytest
import wfdb
from typer.testing import CliRunner

from ecgcore.cli.app import build
from ecgcore.errors import EcgError
from ecgcore.layers import editing, store
from ecgcore.layers.layer import Layer, Origin
from ecgcore.layers.marks import added, deleted
from ecgcore.records.catalog import database
from ecgcore.records.reader import read_header, read_record_annotations
from ecgcore.settings import settings
from ecgcore.storage.engine import app_database


def run(*words: str) -> str:
    result = CliRunner().invoke(build(), ["layers", *words])
    if isinstance(result.exception, EcgError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def layer(home: Path) -> Layer:
    """A layer over demo03 with its sixth beat deleted and one added."""
    base = database("demo")
    header = read_header(base, "demo03")
    marks, _ = read_record_annotations(base, header)
    assert marks is not None
    made = store.create_layer(
        app_database(), header, name="=mine", author="Ann", base=marks, origin=Origin(kind="source")
    )
    beat = store.layer_state(app_database(), made.id).mark_at(int(marks.beats()[0][5]))
    assert beat is not None
    made = editing.edit_layer(app_database(), made, (deleted(beat),), kind="delete", author="Ann")
    return editing.edit_layer(
        app_database(), made, (added(beat.sample + 90, "V"),), kind="add", author="Ben"
    )


def test_list_and_show(layer: Layer) -> None:
    listed = json.loads(run("list", "demo/demo03", "--json"))
    assert [(one["id"], one["version"]) for one in listed] == [(layer.id, 2)]
    assert json.loads(run("list", "elsewhere", "--json")) == []
    shown = json.loads(run("show", layer.id[:5], "--json"))
    assert [edit["author"] for edit in shown["edits"]] == ["Ann", "Ben"]
    assert "V at" in run("show", "=mine")
    assert "=mine" in run("list")


def test_compare_with_the_source_and_with_itself(layer: Layer) -> None:
    found = json.loads(run("compare", layer.id, "--json"))
    assert [one["kind"] for one in found["disagreements"]] == ["missed", "extra"]
    assert sum(found["missed"].values()) == sum(found["extra"].values()) == 1
    assert found["rhythms"]["disagreements"] == []
    assert all(one["se"] == one["ppv"] == 1 for one in found["rhythms"]["seconds"].values())
    told = run("compare", layer.id)
    assert "extra" in told
    assert "rhythm" in told
    assert json.loads(run("compare", layer.id, "--with", "=mine", "--json"))["disagreements"] == []


def test_what_is_exported_is_read_by_wfdb_and_imported_the_same(
    layer: Layer, tmp_path: Path
) -> None:
    out = tmp_path / "demo03-mine.atr"
    run("export", layer.id, "--out", str(out))
    marks = store.layer_annotations(app_database(), layer)
    theirs = wfdb.rdann(str(out.with_suffix("")), "atr")
    assert np.array_equal(theirs.sample, marks.sample)
    assert theirs.symbol == marks.symbol.tolist()
    again = json.loads(run("import", "demo/demo03", str(out), "--author", "Cem", "--json"))
    assert again["name"] == "demo03-mine"
    assert "layer: =mine" in again["origin"]["detail"]
    same = json.loads(run("compare", again["id"], "--with", layer.id, "--json"))
    assert same["disagreements"] == []
    table = tmp_path / "t.csv"
    run("export", layer.id, "--out", str(table), "--version", "0")
    assert len(table.read_text("utf-8-sig").splitlines()) == 1 + marks.sample.size


def test_what_can_not_be_is_said(layer: Layer, tmp_path: Path) -> None:
    inside = settings().data_dir / "demo03.atr"
    for words, said in (
        (("show", "none"), "no layer"),
        (("export", layer.id, "--out", str(inside)), "never changed"),
        (("export", layer.id, "--out", str(tmp_path / "x.atr"), "--version", "9"), "no version 9"),
        (("import", "demo/demo03", str(tmp_path / "none"), "--author", "a"), "can't be read"),
        (("compare", layer.id, "--with", "none"), "no layer"),
    ):
        with pytest.raises(EcgError, match=said):
            run(*words)
    assert not inside.exists()


def test_put_away_and_brought_back(layer: Layer) -> None:
    assert f"bring-back {layer.id}" in run("put-away", "=mine")
    assert json.loads(run("list", "demo", "--json")) == []
    (away,) = json.loads(run("list", "demo", "--put-away", "--json"))
    assert away["id"] == layer.id
    assert "is back" in run("bring-back", layer.id)
    assert [one["id"] for one in json.loads(run("list", "--json"))] == [layer.id]


def test_scoring_goes_by_a_layer(layer: Layer) -> None:
    def score(*words: str) -> dict:
        result = CliRunner().invoke(build(), ["score-detector", "demo", "--json", *words])
        if isinstance(result.exception, EcgError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    own, mine = score("--records", "demo03"), score("--layer", "=mine")
    assert list(mine["records"]) == ["demo03"]
    assert mine["gross"]["fp"] == own["gross"]["fp"] + 1  # the beat that was deleted
    assert mine["gross"]["fn"] == own["gross"]["fn"] + 1  # and the one that was made up
    assert "layer =mine by Ann" in mine["layer"]
    both = score("--layer", layer.id, "--records", "demo02,demo03")
    assert list(both["records"]) == ["demo02", "demo03"]
    with pytest.raises(EcgError, match="no layer"):
        score("--layer", "none")
