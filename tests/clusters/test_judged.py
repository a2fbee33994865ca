"""What was measured of clusters is told of these clusters alone."""

import json
from pathlib import Path

import pytest

from ecgcore.clusters.judged import judged_clusters
from ecgcore.clusters.mixture import KINDS
from ecgcore.clusters.model import sees_waves
from ecgcore.clusters.store import read_clusters, shipped_path
from ecgcore.models.checkpoint import checkpoint_digest, read_meta

ROOT = Path(__file__).resolve().parents[2]
VIEW = {"agreement": 0.9, "macro_f1": 0.7, "majority": 0.8}


@pytest.fixture(autouse=True)
def _results(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_RESULTS_DIR", str(tmp_path))


def _write(folder, **changes):
    entry = {
        "digest": "abc", "k": 8,
        "fit": {"database": "mitdb", "records": ["101"], "kind": "soft k-means"},
        "judged": {"database": "mitdb", "records": ["100", "103"]},
        "fidelity": {"views": {"proportions": VIEW}},
        "names": [
            {
                "database": "qtdb", "leads": ["ECG1"],
                "clusters": {wave: {"recall": 0.5} for wave in ("P", "QRS", "T")},
            }
        ],
        **changes,
    }  # fmt: skip
    (folder / "clusters.json").write_text(json.dumps({"net": entry}))


def test_figures_are_of_the_same_weights_number_and_kind(tmp_path):
    assert judged_clusters("net", "abc", 8, "soft k-means") is None  # nothing measured
    _write(tmp_path)
    found = judged_clusters("net", "abc", 8, "soft k-means")
    assert (found.agreement, found.macro_f1, found.majority) == (0.9, 0.7, 0.8)
    assert (found.database, found.records, found.unseen) == ("mitdb", 2, True)
    assert (found.with_rr, found.marks) == (None, "qtdb, ECG1")
    assert found.found == {"P": 0.5, "QRS": 0.5, "T": 0.5}
    for other in (
        ("net", "other", 8, "soft k-means"),
        ("net", "abc", 7, "soft k-means"),
        ("net", "abc", 8, "gaussians"),
        ("another", "abc", 8, "soft k-means"),
    ):
        assert judged_clusters(*other) is None


def test_what_was_fitted_on_is_no_unseen_recording(tmp_path):
    _write(tmp_path, judged={"database": "mitdb", "records": ["100", "101"]})
    assert judged_clusters("net", "abc", 8, "soft k-means").unseen is False


def test_names_that_are_no_waves_are_not_checked(tmp_path):
    rhythm = {"proportions": VIEW, "proportions_and_rr": {**VIEW, "agreement": 0.95}}
    _write(tmp_path, names_note="no waves", fidelity={"views": rhythm})
    found = judged_clusters("net", "abc", 8, "soft k-means")
    assert (found.found, found.marks, found.with_rr) == ({}, "", 0.95)


@pytest.mark.parametrize("text", ["{", "[]", '{"net": {"digest": "abc"}}'])
def test_a_broken_file_holds_nothing(tmp_path, text):
    (tmp_path / "clusters.json").write_text(text)
    assert judged_clusters("net", "abc", 8, "soft k-means") is None


def _committed():
    return sorted(json.loads((ROOT / "results" / "clusters.json").read_text()))


@pytest.mark.parametrize("name", _committed())
def test_what_is_committed_is_of_the_clusters_that_travel_by_one_criterion(monkeypatch, name):
    monkeypatch.setenv("ECG_RESULTS_DIR", str(ROOT / "results"))
    monkeypatch.delenv("ECG_CHECKPOINT_DIR", raising=False)
    digest = checkpoint_digest(name)
    model = read_clusters(shipped_path(name), digest)
    assert model is not None
    assert {one["kind"] for one in model.about["kinds"]} == set(KINDS)
    found = judged_clusters(name, digest, model.count, model.about["kind"])
    assert found is not None
    assert found.unseen
    assert (found.found == {}) == (not sees_waves(read_meta(name).input))
