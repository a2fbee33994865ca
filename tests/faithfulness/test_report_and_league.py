"""One beat's panel, many beats' figures, and the league."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from ecgcore.errors import EcgError
from ecgcore.explain.registry import EXPLAINERS
from ecgcore.faithfulness import league
from ecgcore.faithfulness.league import VERSION, entry_of, read_league, run_league
from ecgcore.faithfulness.measure import baselines, judge, prepare, settings_of
from ecgcore.faithfulness.report import trust_report
from ecgcore.faithfulness.sample import draw_beats, even
from ecgcore.faithfulness.siblings import NO_SIBLING, siblings
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_record
from ecgcore.settings import settings
from ecgcore.training import context
from ecgcore.training.context import by_itself
from ecgcore.training.store import find_beats, stored_predictions
from tests.make_record import save_tiny_checkpoints
from tests.models.checkpoint.made import edit


@pytest.fixture
def tiny_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ECG_RESULTS_DIR", str(tmp_path / "results"))
    save_tiny_checkpoints(tmp_path / "checkpoints")
    return tmp_path


def _inputs(checkpoint, name="demo03"):
    record = read_record(demo_database(), name)
    return beat_inputs(record, find_beats(record), checkpoint.meta.input)


@pytest.mark.parametrize("name", ["tiny", "who"])
def test_a_beats_report_says_all_there_is_of_every_method(tiny_ones, name):
    checkpoint = load_checkpoint(name)
    inputs = _inputs(checkpoint)
    before = {k: v.clone() for k, v in checkpoint.network.state_dict().items()}
    offered = [m for m, one in EXPLAINERS.items() if not one.refuses(checkpoint.network)]
    for method in (*offered, *(["attention:2"] if "attention" in offered else [])):
        found = trust_report(checkpoint, inputs, 12, method)
        assert found.target in checkpoint.meta.classes
        assert found.random.deletion.shape == (20, 33)
        assert set(found.methods) == set(offered) - {method}
        assert [share for share, _ in found.cascade][-1] == 1
        assert 0 <= found.beaten <= 20
        assert found.seeds == {}
    assert all((before[k] == v).all() for k, v in checkpoint.network.state_dict().items())
    again = trust_report(checkpoint, inputs, 12, offered[0])
    first = trust_report(checkpoint, inputs, 12, offered[0])
    np.testing.assert_array_equal(again.map.deletion, first.map.deletion)
    assert again.cascade == first.cascade


def test_the_class_that_is_explained_is_the_networks_own_also_in_context(
    tiny_ones, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(context, "spread", lambda said, *_: said[:, ::-1].copy())
    edit(settings().checkpoint_dir / "tiny", context=True)
    checkpoint, base = load_checkpoint("tiny"), demo_database()
    found = stored_predictions(checkpoint, base, "demo03")
    assert (found.label != by_itself(found).label).any()
    cases = draw_beats(checkpoint, base, ["demo03"], beats=60, checked=4).cases
    with torch.no_grad():
        own = checkpoint.network(cases.x, cases.rr).argmax(dim=1)
    assert torch.equal(own, cases.target)


def test_a_class_that_is_not_there_is_refused(tiny_ones):
    checkpoint = load_checkpoint("tiny")
    with pytest.raises(EcgError, match="'Z'"):
        trust_report(checkpoint, _inputs(checkpoint), 3, "gradcam", "Z")


def test_beats_are_even_over_the_classes_and_drawn_alike_each_time():
    label = np.repeat([0, 1, 2], [500, 40, 3])
    chosen = even(label, 60, np.random.default_rng(0))
    assert np.bincount(label[chosen]).tolist() == [29, 28, 3]
    assert len(set(chosen.tolist())) == 60
    assert np.array_equal(chosen, even(label, 60, np.random.default_rng(0)))
    assert len(even(label, 10_000, np.random.default_rng(0))) == 543


def test_judged_beats_are_their_own_recordings(tiny_ones):
    checkpoint, base = load_checkpoint("tiny"), demo_database()
    judged = draw_beats(checkpoint, base, base.records[:3], beats=24, checked=8)
    assert len(judged) == 24
    assert judged.checked == len(judged.variants.noisy[0]) == 8
    predicted = checkpoint.network(judged.cases.x, judged.cases.rr).argmax(dim=1)
    assert predicted.tolist() == judged.cases.target.tolist()
    for k in (0, 5, 20):  # each beat is one of its recording's
        inputs = _inputs(checkpoint, judged.record[k])
        away = np.abs(inputs.x - judged.cases.x[k].numpy()).max(axis=(1, 2))
        assert away.min() < 1e-6
    # a variant is nearer to its own beat than to others
    noisy, whole = judged.variants.noisy[0][:, 0], judged.cases.x[:8, 0]
    nearest = ((noisy[:, None] - whole[None]) ** 2).sum(dim=2).argmin(dim=1)
    assert nearest.tolist() == list(range(8))


def test_what_is_measured_of_a_method_is_whole_and_repeatable(tiny_ones):
    checkpoint, base = load_checkpoint("tiny"), demo_database()
    judged = draw_beats(checkpoint, base, base.records[:3], beats=24, checked=8)
    ground = prepare(checkpoint, judged)
    found, level = judge("occlusion", ground), baselines(ground)
    assert found["gain"] == pytest.approx(found["insertion_auc"] - found["deletion_auc"])
    low, high = found["gain_interval"]
    assert low <= found["gain"] <= high
    used = settings_of(ground)
    assert used["drawn"] == "recordings"
    assert used["group_beats"].sum() == 24
    assert np.average(found["group_gains"], weights=used["group_beats"]) == pytest.approx(
        found["gain"]
    )
    assert level["random_deletion_auc"] == pytest.approx(level["random_insertion_auc"])
    assert sum(one["beats"] for one in level["per_class"].values()) == 24
    assert set(found["per_class"]) == set(level["per_class"])
    assert found["seeds"] == {"with": {}, "reason": NO_SIBLING}
    assert found["cascade"][-1]["correlation"] == found["randomisation_correlation"]
    mean = np.average(
        [one["gain"] for one in found["per_class"].values()],
        weights=[one["beats"] for one in level["per_class"].values()],
    )
    assert mean == pytest.approx(found["gain"])


def test_the_league_is_written_once_and_again_when_weights_change(tiny_ones, monkeypatch):
    there = {"demo": demo_database()}
    said = []
    with pytest.raises(EcgError, match="not here"):
        run_league(["tiny"], there, beats=12, checked=4)  # its protocol tests on "nothing"
    monkeypatch.setattr(league, "test_set", lambda _, there: (there["demo"], "demo01,demo02"))
    made = run_league(["tiny"], there, beats=12, checked=4, say=said.append)["tiny"]
    assert set(made["methods"]) | set(made["refused"]) == set(EXPLAINERS)
    text = (tiny_ones / "results" / "faithfulness.json").read_text()
    assert json.loads(text)["checkpoints"]["tiny"]["digest"] == load_checkpoint("tiny").digest
    digest = load_checkpoint("tiny").digest
    assert entry_of(read_league(), "tiny", digest)["recommended"] == made["recommended"]
    assert entry_of(read_league(), "tiny", "other") is None
    assert entry_of(read_league(), "who", digest) is None
    older = {"tiny": {**made, "version": VERSION - 1}}
    assert entry_of(older, "tiny", digest) is None
    said.clear()
    run_league(["tiny"], there, beats=12, checked=4, say=said.append)
    assert said == ["tiny: measured before"]
    assert league.up_to_date("tiny", beats=12, checked=4, seed=0)
    assert league.up_to_date("tiny", beats=8, checked=2, seed=0)  # more was done than is asked
    for more in ({"beats": 13}, {"checked": 5}, {"seed": 1}):
        assert not league.up_to_date("tiny", **{"beats": 12, "checked": 4, "seed": 0, **more})
    path = tiny_ones / "results" / "faithfulness.json"
    path.write_text("{")
    with pytest.raises(EcgError, match="can't be read"):
        read_league()


def test_another_seed_of_the_same_network_is_a_sibling(tiny_ones):
    import shutil

    from safetensors.numpy import load_file, save_file

    folder = tiny_ones / "checkpoints"
    shutil.copytree(folder / "tiny", folder / "tiny-2")
    assert siblings(load_checkpoint("tiny")) == {}  # the same weights under another name
    path = folder / "tiny-2" / "weights.safetensors"
    weights = load_file(path)
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        labels = file.metadata()
    weights["classifier.bias"] = weights["classifier.bias"] + 1
    save_file(weights, path, metadata=labels)
    assert list(siblings(load_checkpoint("tiny"))) == ["tiny-2"]
    checkpoint = load_checkpoint("tiny")
    found = trust_report(checkpoint, _inputs(checkpoint), 4, "occlusion")
    # only the bias differs, so what a piece takes from the logit is the same
    assert found.seeds["tiny-2"] == pytest.approx(1, abs=1e-3)  # up to rounding among equal pieces
    # trained on other beats, or in another way, it is another network and no other seed
    config = folder / "tiny-2" / "config.json"
    told = json.loads(config.read_text())
    for other in ({"data_hash": "0" * 16}, {"training": {"optimisation": {"epochs": 99}}}):
        config.write_text(json.dumps({**told, **other}))
        mine = dataclasses.replace(
            checkpoint.meta, training={"optimisation": {"epochs": 3, "batch": 64}}
        )
        assert siblings(dataclasses.replace(checkpoint, meta=mine)) == {}
    config.write_text(json.dumps({**told, "training": {"optimisation": {"epochs": 3}}}))
    assert list(siblings(dataclasses.replace(checkpoint, meta=mine))) == ["tiny-2"]
